import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { lock } from 'proper-lockfile';
import { makeFolder } from '../kernel/make-folder.ts';
import { entryFolder, lockFile, logFile, workFolder } from './cache-folder.ts';
import type { Problem } from './error.ts';
import { pruneEntries } from './prune.ts';
import { contentFolder, type EntryState, inspectEntry, type Stamp, writeStamp } from './stamp.ts';

/** An installed piece: where its files are and what its installation found out. */
export interface InstalledPiece {
  readonly folder: string;
  readonly id: string;
  readonly facts: Stamp['facts'];
}
export type Installed = ReadonlyMap<string, InstalledPiece>;

export interface InstallContext {
  /** Empty folder to install into; it becomes the piece by a rename. */
  readonly folder: string;
  /** Where the folder will be after the rename, for files that name their own place. */
  readonly finalFolder: string;
  /** A folder beside it for what is not kept. */
  readonly scratch: string;
  readonly log: string;
  readonly installed: Installed;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

/** One thing that provisioning can put into the cache. */
export interface Piece {
  readonly name: string;
  readonly title: string;
  /** Pieces that must be there before this one's key is known and its installation starts. */
  readonly needs: readonly string[];
  /** True when the system runs without it: its failure is told, and is no failure. */
  readonly optional?: boolean;
  /** The same key as long as nothing that the piece is made of has changed. */
  readonly key: (installed: Installed) => string;
  /** What the machine lacks for the installation; asked before anything is installed. */
  readonly lacks?: () => Promise<readonly Problem[]>;
  /** A reason why an entry that is whole is of no use (its interpreter is gone, say). */
  readonly unfit?: (installed: InstalledPiece) => string | undefined;
  readonly install: (context: InstallContext) => Promise<Readonly<Record<string, string>>>;
}

export type ProvisionEvent =
  /** What is to be made; told once, and not at all when everything is there. */
  | {
      readonly kind: 'plan';
      readonly pieces: readonly { readonly name: string; readonly title: string }[];
    }
  | { readonly kind: 'present'; readonly piece: string }
  | { readonly kind: 'started'; readonly piece: string }
  | { readonly kind: 'repair'; readonly piece: string; readonly why: string }
  | { readonly kind: 'waiting'; readonly piece: string }
  | { readonly kind: 'note'; readonly piece: string; readonly text: string }
  | { readonly kind: 'done'; readonly piece: string; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly piece: string; readonly problems: readonly Problem[] }
  | { readonly kind: 'skipped'; readonly piece: string; readonly because: string };

/** A lock whose owner was killed is taken over after this long without a sign of life. */
const LOCK_STALE_MS = 5_000;
const LOCK_UPDATE_MS = 1_000;
const LOCK_POLL_MS = 250;
/** Longer than the slowest installation on the slowest machine seen (a Go build, 1 min). */
const LOCK_WAIT_MS = 20 * 60_000;

export interface EnsureOptions {
  readonly cache: string;
  readonly installed: Installed;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ProvisionEvent) => void;
}

export function asInstalled(entry: Extract<EntryState, { state: 'ok' }>): InstalledPiece {
  return { folder: entry.content, id: entry.stamp.id, facts: entry.stamp.facts };
}

/** What is in the cache for a piece now, without touching it. */
export function inspectPiece(
  piece: Piece,
  cache: string,
  installed: Installed,
  options: { thorough?: boolean } = {},
): EntryState {
  const entry = inspectEntry(entryFolder(cache, piece.name, piece.key(installed)), options);
  if (entry.state !== 'ok') return entry;
  const why = piece.unfit?.(asInstalled(entry));
  return why === undefined ? entry : { state: 'corrupt', why };
}

/**
 * Makes sure that a piece is in the cache, whatever happened to earlier runs: one process at a
 * time works on it, in a folder of its own, and a finished piece appears by a rename.
 */
export async function ensurePiece(piece: Piece, options: EnsureOptions): Promise<InstalledPiece> {
  const found = inspectPiece(piece, options.cache, options.installed);
  if (found.state === 'ok') {
    options.onEvent({ kind: 'present', piece: piece.name });
    return asInstalled(found);
  }
  options.onEvent({ kind: 'started', piece: piece.name });
  const startedAt = performance.now();
  const release = await takeLock(piece, options);
  try {
    const installed = await installUnlessFound(piece, options);
    const durationMs = Math.round(performance.now() - startedAt);
    options.onEvent({ kind: 'done', piece: piece.name, durationMs });
    return installed;
  } finally {
    await release();
  }
}

async function takeLock(piece: Piece, options: EnsureOptions): Promise<() => Promise<void>> {
  const file = lockFile(options.cache, piece.name);
  makeFolder(dirname(file));
  await writeFile(file, '', { flag: 'a' });
  const deadline = performance.now() + LOCK_WAIT_MS;
  let told = false;
  for (;;) {
    options.signal.throwIfAborted();
    try {
      const release = await lock(file, {
        stale: LOCK_STALE_MS,
        update: LOCK_UPDATE_MS,
        // A lost lock costs double work only: the rename decides which result is kept.
        onCompromised: () => undefined,
      });
      return () => release().catch(() => undefined);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
    }
    if (performance.now() > deadline) {
      throw new Error(`another run has held ${file}.lock for ${LOCK_WAIT_MS / 60_000} minutes`);
    }
    if (!told) options.onEvent({ kind: 'waiting', piece: piece.name });
    told = true;
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}

async function installUnlessFound(piece: Piece, options: EnsureOptions): Promise<InstalledPiece> {
  const { cache, installed, onEvent } = options;
  // The lock's last owner may just have finished it.
  const found = inspectPiece(piece, cache, installed);
  if (found.state === 'ok') return asInstalled(found);
  await removeUnfinished(cache, piece.name);
  const key = piece.key(installed);
  const entry = entryFolder(cache, piece.name, key);
  const work = join(workFolder(cache), `${piece.name}@${randomUUID()}`);
  if (found.state === 'corrupt') {
    onEvent({ kind: 'repair', piece: piece.name, why: found.why });
    await moveAway(entry, workFolder(cache), piece.name);
  }
  const scratch = join(work, 'scratch');
  const target = join(work, 'entry');
  const log = logFile(cache, piece.name);
  await mkdir(contentFolder(target), { recursive: true });
  await mkdir(scratch, { recursive: true });
  await mkdir(dirname(log), { recursive: true });
  try {
    const facts = await piece.install({
      folder: contentFolder(target),
      finalFolder: contentFolder(entry),
      scratch,
      log,
      installed,
      signal: options.signal,
      note: (text) => onEvent({ kind: 'note', piece: piece.name, text }),
    });
    const id = randomUUID();
    await writeStamp(target, { piece: piece.name, key, id, facts });
    await putInPlace(target, entry);
    await pruneEntries(cache, piece.name);
    return { folder: contentFolder(entry), id, facts };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Another run can only have put the same piece there when our lock was lost: its is as good. */
async function putInPlace(target: string, entry: string): Promise<void> {
  await mkdir(dirname(entry), { recursive: true });
  try {
    await rename(target, entry);
  } catch (error) {
    if (inspectEntry(entry).state !== 'ok') throw error;
  }
}

async function moveAway(entry: string, work: string, piece: string): Promise<void> {
  const away = join(work, `${piece}@${basename(entry)}-${randomUUID()}`);
  await mkdir(work, { recursive: true });
  await rename(entry, away);
  await rm(away, { recursive: true, force: true });
}

/** Whoever holds the piece's lock is the only one at work on it: the rest is from dead runs. */
async function removeUnfinished(cache: string, piece: string): Promise<void> {
  const work = workFolder(cache);
  const names = await readdir(work).catch(() => []);
  const left = names.filter((name) => name.startsWith(`${piece}@`));
  await Promise.all(
    left.map((name) => rm(join(work, name), { recursive: true, force: true, maxRetries: 3 })),
  );
}
