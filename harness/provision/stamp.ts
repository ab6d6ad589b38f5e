import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import pMap from 'p-map';

/**
 * The stamp of an installed package: every file with its size, time and checksum. It is the
 * last file written before the package is renamed into place, so a package with a stamp was
 * finished; and with it a run checks by `stat` alone that nothing is damaged.
 */
interface StampedFile {
  readonly path: string;
  readonly size: number;
  /** Whole seconds: archives that carry a cache from machine to machine keep no more. */
  readonly mtimeS: number;
  readonly sha256: string;
}

export interface Stamp {
  readonly package: string;
  readonly key: string;
  /** Differs between two installations of the same key. */
  readonly id: string;
  /** What the installation found out and later runs need: versions, the interpreter, and so on. */
  readonly facts: Readonly<Record<string, string>>;
  readonly files: readonly StampedFile[];
}

export type EntryState =
  | { readonly state: 'ok'; readonly stamp: Stamp; readonly content: string }
  | { readonly state: 'missing' }
  | { readonly state: 'corrupt'; readonly why: string };

const STAMP_NAME = 'stamp.json';
const CONTENT_FOLDER = 'content';
/** Files hashed at once; each is in memory while it is hashed (the largest has 30 MB). */
const HASHED_AT_ONCE = 4;

export function stampFile(entry: string): string {
  return join(entry, STAMP_NAME);
}

export function contentFolder(entry: string): string {
  return join(entry, CONTENT_FOLDER);
}

/** Lists and hashes what was installed in `entry`, and writes the stamp. */
export async function writeStamp(entry: string, stamp: Omit<Stamp, 'files'>): Promise<void> {
  const content = contentFolder(entry);
  const listing = await readdir(content, { recursive: true, withFileTypes: true });
  const paths = listing
    .filter((item) => item.isFile() || item.isSymbolicLink())
    .map((item) => relative(content, join(item.parentPath, item.name)))
    .filter((path) => !isByteCode(path))
    .sort();
  const files = await pMap(paths, async (path) => describeFile(content, path), {
    concurrency: HASHED_AT_ONCE,
  });
  await writeFile(stampFile(entry), JSON.stringify({ ...stamp, files }));
}

/** Python rewrites its byte code when it likes; it is neither needed nor to be trusted. */
function isByteCode(path: string): boolean {
  return path.includes('__pycache__');
}

async function describeFile(content: string, path: string): Promise<StampedFile> {
  const file = join(content, path);
  const { size, mtimeS } = statOf(file);
  const bytes = lstatSync(file).isSymbolicLink() ? readlinkSync(file) : await readFile(file);
  return { path, size, mtimeS, sha256: digest(bytes) };
}

/**
 * Looks at an installed package without reading its files: sizes and times must be those of the
 * stamp. Only a file whose time differs is hashed. `thorough` hashes all of them.
 */
export function inspectEntry(entry: string, options: { thorough?: boolean } = {}): EntryState {
  let text: string;
  try {
    text = readFileSync(stampFile(entry), 'utf8');
  } catch {
    return { state: 'missing' };
  }
  const stamp = parseStamp(text);
  if (stamp === undefined) return { state: 'corrupt', why: `${STAMP_NAME} cannot be read` };
  const content = contentFolder(entry);
  for (const file of stamp.files) {
    const why = damageOf(content, file, options.thorough ?? false);
    if (why !== undefined) return { state: 'corrupt', why };
  }
  return { state: 'ok', stamp, content };
}

function parseStamp(text: string): Stamp | undefined {
  try {
    const stamp = JSON.parse(text) as Stamp;
    return Array.isArray(stamp.files) && stamp.files.length > 0 ? stamp : undefined;
  } catch {
    return undefined;
  }
}

function damageOf(content: string, file: StampedFile, thorough: boolean): string | undefined {
  const path = join(content, file.path);
  let found: { size: number; mtimeS: number };
  try {
    found = statOf(path);
  } catch {
    return `${file.path} is missing`;
  }
  if (found.size !== file.size) {
    return `${file.path} has ${found.size} bytes instead of ${file.size}`;
  }
  if (!thorough && found.mtimeS === file.mtimeS) return undefined;
  const bytes = lstatSync(path).isSymbolicLink() ? readlinkSync(path) : readFileSync(path);
  return digest(bytes) === file.sha256 ? undefined : `${file.path} has another checksum`;
}

function statOf(path: string): { size: number; mtimeS: number } {
  const { size, mtimeMs } = lstatSync(path);
  return { size, mtimeS: Math.floor(mtimeMs / 1000) };
}

export function digest(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
