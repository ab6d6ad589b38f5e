/** The user's repository: their configuration, and the runs that Sagaproof keeps for them. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** `.mts` and `.mjs` are for packages whose other modules are CommonJS. */
export const CONFIG_FILES = [
  'sagaproof.config.ts',
  'sagaproof.config.mts',
  'sagaproof.config.js',
  'sagaproof.config.mjs',
] as const;

/** Files that only the root of a project has. */
const PROJECT_MARKERS = ['package.json', '.git'] as const;

/**
 * The nearest folder upwards that has a configuration file, else the nearest that is the root of
 * a package or of a Git repository, else the folder itself.
 *
 * @param from where to begin; the working directory when absent
 */
export function workspaceFolder(from: string = process.cwd()): string {
  const folders = upwards(resolve(from));
  const withOneOf = (names: readonly string[]) =>
    folders.find((folder) => names.some((name) => existsSync(join(folder, name))));
  return withOneOf(CONFIG_FILES) ?? withOneOf(PROJECT_MARKERS) ?? resolve(from);
}

/** The configuration file of a folder; absent when it has none. */
export function configFileIn(folder: string): string | undefined {
  return CONFIG_FILES.map((name) => join(folder, name)).find((path) => existsSync(path));
}

function upwards(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...upwards(parent)];
}
