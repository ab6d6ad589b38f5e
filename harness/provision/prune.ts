import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { entryFolder } from './cache-folder.ts';
import { stampFile } from './stamp.ts';

/**
 * An installed package that no run has used for this long goes when another of its kind comes; a
 * checkout of another commit that was used lately keeps its own.
 */
const UNUSED_MS = 14 * 24 * 3_600_000;
/** How exactly the last use is known; a touch for every run would be work for nothing. */
const TOUCH_EVERY_MS = 24 * 3_600_000;

/** Notes that a package is in use. */
export async function touchEntry(entry: string, now = Date.now()): Promise<void> {
  const file = stampFile(entry);
  const { mtimeMs } = await stat(file);
  if (now - mtimeMs > TOUCH_EVERY_MS) await utimes(file, now / 1000, now / 1000);
}

/** Removes the other entries of a package that have not been used for long. */
export async function pruneEntries(cache: string, pkg: string, now = Date.now()): Promise<void> {
  const packages = dirname(entryFolder(cache, pkg, ''));
  const names = await readdir(packages);
  for (const name of names.filter((entry) => isEntryOf(entry, pkg))) {
    const found = await stat(stampFile(join(packages, name))).catch(() => undefined);
    if (found !== undefined && now - found.mtimeMs > UNUSED_MS) {
      await rm(join(packages, name), { recursive: true, force: true });
    }
  }
}

/** `postgres-template-…` is no entry of `postgres`: a key is twelve hex digits and nothing else. */
function isEntryOf(entry: string, pkg: string): boolean {
  return entry.startsWith(`${pkg}-`) && /^[0-9a-f]{12}$/.test(entry.slice(pkg.length + 1));
}
