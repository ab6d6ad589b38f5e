import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Creates a folder and its parents, as `mkdir -p` does. Node's own `recursive` never returns where
 * no folder can be created, as in /proc, and users choose these folders.
 *
 * @param folder Its path, absolute
 * @throws the system's error for the first folder that cannot be created
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process has created it since.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
