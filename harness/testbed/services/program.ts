/** Checks that the program of a manifest exists, before anything is started. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { type LoadedManifest, ManifestError } from './manifest.ts';
import { nodePath } from './node-path.ts';

/**
 * The program of a command as the system would find it: on the PATH, or from the working directory.
 *
 * @throws ManifestError that says where it was looked for and what to do
 */
export function requireProgram(
  { file, folder, manifest }: LoadedManifest,
  key: 'build' | 'command',
  [program = '']: readonly string[],
): string {
  const cwd = resolve(folder, manifest.cwd);
  if (!isFolder(cwd)) throw new ManifestError(`${file}: cwd: there is no folder ${cwd}`);
  // Only an instance has the value of a placeholder.
  if (program.includes('${')) return program;
  if (!program.includes('/')) {
    const found = nodePath()
      .split(delimiter)
      .map((place) => join(place, program))
      .find(isProgram);
    if (found !== undefined) return program;
    throw new ManifestError(
      `${file}: ${key}: there is no \`${program}\` on the PATH; install it, or write its path`,
    );
  }
  const path = resolve(cwd, program);
  if (isProgram(path)) return program;
  const how = isFile(path)
    ? 'is not executable; `chmod +x` it'
    : `is not there${fix(key, manifest)}`;
  throw new ManifestError(`${file}: ${key}: ${path} ${how}`);
}

function fix(key: 'build' | 'command', { build }: LoadedManifest['manifest']): string {
  if (key === 'build') return '; write what makes your program';
  if (build) return `: \`${build.join(' ')}\` has not made it`;
  return '; make it first, or write under `build` what makes it';
}

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
const isFile = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

function isProgram(path: string): boolean {
  if (!isFile(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
