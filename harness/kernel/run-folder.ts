/** Where the state of runs is, and the names of its files. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { SagaproofError } from './errors.ts';
import { makeFolder } from './make-folder.ts';
import { workspaceFolder } from './workspace.ts';

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, with the closing zero. */
const SOCKET_PATH_BYTES_MAX = 103;

/** `SAGAPROOF_RUNS_DIR`, else `runs/` in the user's repository. */
export function runsFolder(): string {
  return resolve(process.env['SAGAPROOF_RUNS_DIR'] ?? join(workspaceFolder(), 'runs'));
}

/** The runs folder cannot be created or read. */
class RunsFolderError extends SagaproofError {
  override readonly name = 'RunsFolderError';

  constructor(message: string, details: { file?: string; fix?: string; cause?: unknown } = {}) {
    super('runs-folder-unusable', message, details);
  }
}

function inRunsFolder<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new RunsFolderError(
      `runs cannot be kept in ${runsFolder()}: ${(cause as Error).message}; make it a folder that ` +
        'you may write, or name another in SAGAPROOF_RUNS_DIR',
      { cause },
    );
  }
}

export interface RunPaths {
  readonly folder: string;
  readonly runId: string;
  readonly logs: string;
  readonly data: string;
  readonly spec: string;
  readonly addressBook: string;
  readonly processes: string;
  /** Why the stack failed to boot; exists only in that case. */
  readonly failure: string;
  readonly controlSocket: string;
  /** Of the wire proxy, where the stack has one. */
  readonly wireSocket: string;
}

export function runPaths(folder: string): RunPaths {
  const runId = basename(folder);
  const socket = (name: string): string => {
    const inside = join(folder, `${name}.sock`);
    const fits = Buffer.byteLength(inside) <= SOCKET_PATH_BYTES_MAX;
    return fits ? inside : join(tmpdir(), `sagaproof-${runId}-${name}.sock`);
  };
  return {
    folder,
    runId,
    logs: join(folder, 'logs'),
    data: join(folder, 'data'),
    spec: join(folder, 'stack.json'),
    addressBook: join(folder, 'address-book.json'),
    processes: join(folder, 'processes.jsonl'),
    failure: join(folder, 'boot-failure.txt'),
    controlSocket: socket('control'),
    wireSocket: socket('wire'),
  };
}

/** What {@link newRunId} makes: nothing else in the folder is ours. */
const RUN_ID = /^\d{8}-\d{6}-[0-9a-f]{6}$/;

/** Sortable by time, and unique though two start in the same second. */
export function newRunId(now: Date = new Date()): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${randomBytes(3).toString('hex')}`;
}

export function createRunFolder(runId: string = newRunId()): RunPaths {
  const paths = runPaths(join(runsFolder(), runId));
  inRunsFolder(() => {
    makeFolder(paths.logs);
    makeFolder(paths.data);
  });
  return paths;
}

/** Points `runs/latest` at a run; replaced in one step, so that a reader never sees none. */
export function markLatest(runFolder: string): void {
  const link = join(runsFolder(), 'latest');
  const next = `${link}.${randomBytes(4).toString('hex')}`;
  symlinkSync(basename(runFolder), next);
  renameSync(next, link);
}

/** Every run that has a stack in it, the newest first. */
export const listRuns = (): RunPaths[] => allRuns().filter(({ spec }) => existsSync(spec));

/** Folders of stacks, and of what was recorded on them. */
function allRuns(): RunPaths[] {
  const folder = runsFolder();
  if (!existsSync(folder)) return [];
  return inRunsFolder(() => readdirSync(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && RUN_ID.test(entry.name))
    .map((entry) => runPaths(join(folder, entry.name)))
    .sort((a, b) => b.runId.localeCompare(a.runId));
}

/**
 * Removes the data of servers. A killed server may have child processes that write for a moment
 * longer, so removing is retried.
 */
export function removeData(paths: RunPaths): void {
  rmSync(paths.data, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/**
 * About a day of work; logs and history take some megabytes. A verification on its own stack
 * creates two.
 */
const RUNS_KEPT = 100;

/** Removes the oldest runs, never one that `isInUse` accepts or that is among the newest. */
export function pruneRuns(isInUse: (paths: RunPaths) => boolean, kept: number = RUNS_KEPT): void {
  for (const paths of allRuns().slice(kept)) {
    if (!isInUse(paths)) rmSync(paths.folder, { recursive: true, force: true });
  }
}
