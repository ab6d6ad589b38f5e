/**
 * Locale of child processes. Without one, a JVM on Linux reads file names as ASCII, and does not
 * start in a folder whose name has other letters.
 */
export const CHILD_LOCALE: Readonly<Record<string, string>> =
  process.platform === 'linux' ? { LC_ALL: 'C.UTF-8' } : {};
