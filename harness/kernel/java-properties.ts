/**
 * The text of a Java properties file. It is read as ISO-8859-1, so other letters are escaped, and a
 * backslash begins an escape.
 */
export function javaProperties(
  entries: Readonly<Record<string, string | number | boolean>>,
): string {
  return Object.entries(entries)
    .map(([key, value]) => `${key}=${escaped(String(value))}\n`)
    .join('');
}

const escaped = (value: string): string =>
  value
    .replaceAll('\\', '\\\\')
    .replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
