import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { lock } from 'proper-lockfile';
import { makeFolder } from '../kernel/make-folder.ts';
import { entryFolder, lockFile, logFile, workFolder } from './cache-folder.ts';
import type { Problem } from './error.ts';
import { pruneEntries } from './prune.ts';
import { contentFolder, type EntryState, inspectEntry, type Stamp, writeStamp } from './stamp.ts';

/** An installed package: where its files are and what its installation found out. */
export interface InstalledPackage {
  readonly folder: string;
  readonly id: string;
  readonly facts: Stamp['facts'];
}
export type Installed = ReadonlyMap<string, InstalledPackage>;

export interface InstallContext {
  /** Empty folder to install into; it becomes the package by a rename. */
  readonly folder: string;
  /** Where the folder will be after the rename, for files that name their own place. */
  readonly finalFolder: string;
  /** A temporary folder, removed after the installation. */
  readonly scratch: string;
  readonly log: string;
  readonly installed: Installed;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

/** One thing that provisioning can put into the cache. */
export interface Package {
  readonly name: string;
  readonly title: string;
  /** Packages that must be there before this one's key is known and its installation starts. */
  readonly needs: readonly string[];
  /** True when the stack runs without it: its failure is reported, but does not fail the run. */
  readonly optional?: boolean;
  /** The same key as long as nothing that the package is made of has changed. */
  readonly key: (installed: Installed) => string;
  /** What the machine lacks for the installation; asked before anything is installed. */
  readonly lacks?: () => Promise<readonly Problem[]>;
  /** A reason why an entry that is whole is of no use (its interpreter is gone, say). */
  readonly unfit?: (installed: InstalledPackage) => string | undefined;
  readonly install: (context: InstallContext) => Promise<Readonly<Record<string, string>>>;
}

export type ProvisionEvent =
  /** What is to be installed; sent once, and not at all when nothing is missing. */
  | {
      readonly kind: 'plan';
      readonly packages: readonly { readonly name: string; readonly title: string }[];
    }
  | { readonly kind: 'present'; readonly pkg: string }
  | { readonly kind: 'started'; readonly pkg: string }
  | { readonly kind: 'repair'; readonly pkg: string; readonly why: string }
  | { readonly kind: 'waiting'; readonly pkg: string }
  | { readonly kind: 'note'; readonly pkg: string; readonly text: string }
  | { readonly kind: 'done'; readonly pkg: string; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly pkg: string; readonly problems: readonly Problem[] }
  | { readonly kind: 'skipped'; readonly pkg: string; readonly because: string };

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

export function asInstalled(entry: Extract<EntryState, { state: 'ok' }>): InstalledPackage {
  return { folder: entry.content, id: entry.stamp.id, facts: entry.stamp.facts };
}

/** What is in the cache for a package now, without touching it. */
export function inspectPackage(
  pkg: Package,
  cache: string,
  installed: Installed,
  options: { thorough?: boolean } = {},
): EntryState {
  const entry = inspectEntry(entryFolder(cache, pkg.name, pkg.key(installed)), options);
  if (entry.state !== 'ok') return entry;
  const why = pkg.unfit?.(asInstalled(entry));
  return why === undefined ? entry : { state: 'corrupt', why };
}

/**
 * Makes sure that a package is in the cache, whatever happened to earlier runs: one process at a
 * time works on it, in a folder of its own, and a finished package appears by a rename.
 */
export async function ensurePackage(
  pkg: Package,
  options: EnsureOptions,
): Promise<InstalledPackage> {
  const found = inspectPackage(pkg, options.cache, options.installed);
  if (found.state === 'ok') {
    options.onEvent({ kind: 'present', pkg: pkg.name });
    return asInstalled(found);
  }
  options.onEvent({ kind: 'started', pkg: pkg.name });
  const startedAt = performance.now();
  const release = await takeLock(pkg, options);
  try {
    const installed = await installUnlessFound(pkg, options);
    const durationMs = Math.round(performance.now() - startedAt);
    options.onEvent({ kind: 'done', pkg: pkg.name, durationMs });
    return installed;
  } finally {
    await release();
  }
}

async function takeLock(pkg: Package, options: EnsureOptions): Promise<() => Promise<void>> {
  const file = lockFile(options.cache, pkg.name);
  makeFolder(dirname(file));
  await writeFile(file, '', { flag: 'a' });
  const deadline = performance.now() + LOCK_WAIT_MS;
  let reported = false;
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
    if (!reported) options.onEvent({ kind: 'waiting', pkg: pkg.name });
    reported = true;
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}

async function installUnlessFound(pkg: Package, options: EnsureOptions): Promise<InstalledPackage> {
  const { cache, installed, onEvent } = options;
  // The lock's last owner may just have finished it.
  const found = inspectPackage(pkg, cache, installed);
  if (found.state === 'ok') return asInstalled(found);
  await removeUnfinished(cache, pkg.name);
  const key = pkg.key(installed);
  const entry = entryFolder(cache, pkg.name, key);
  const work = join(workFolder(cache), `${pkg.name}@${randomUUID()}`);
  if (found.state === 'corrupt') {
    onEvent({ kind: 'repair', pkg: pkg.name, why: found.why });
    await moveAway(entry, workFolder(cache), pkg.name);
  }
  const scratch = join(work, 'scratch');
  const target = join(work, 'entry');
  const log = logFile(cache, pkg.name);
  await mkdir(contentFolder(target), { recursive: true });
  await mkdir(scratch, { recursive: true });
  await mkdir(dirname(log), { recursive: true });
  try {
    const facts = await pkg.install({
      folder: contentFolder(target),
      finalFolder: contentFolder(entry),
      scratch,
      log,
      installed,
      signal: options.signal,
      note: (text) => onEvent({ kind: 'note', pkg: pkg.name, text }),
    });
    const id = randomUUID();
    await writeStamp(target, { package: pkg.name, key, id, facts });
    await putInPlace(target, entry);
    await pruneEntries(cache, pkg.name);
    return { folder: contentFolder(entry), id, facts };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Another run can only have put the same package there when our lock was lost: its is as good. */
async function putInPlace(target: string, entry: string): Promise<void> {
  await mkdir(dirname(entry), { recursive: true });
  try {
    await rename(target, entry);
  } catch (error) {
    if (inspectEntry(entry).state !== 'ok') throw error;
  }
}

async function moveAway(entry: string, work: string, pkg: string): Promise<void> {
  const away = join(work, `${pkg}@${basename(entry)}-${randomUUID()}`);
  await mkdir(work, { recursive: true });
  await rename(entry, away);
  await rm(away, { recursive: true, force: true });
}

/** Only the owner of the package's lock works on it: other work folders are from dead runs. */
async function removeUnfinished(cache: string, pkg: string): Promise<void> {
  const work = workFolder(cache);
  const names = await readdir(work).catch(() => []);
  const left = names.filter((name) => name.startsWith(`${pkg}@`));
  await Promise.all(
    left.map((name) => rm(join(work, name), { recursive: true, force: true, maxRetries: 3 })),
  );
}
