import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { Slowness } from '../checker/facts/slowness.ts';
import type { Invariant } from '../checker/invariant.ts';
import type { RunStarted, Unrecorded } from '../history/event.ts';
import { mergeShards } from '../history/merge-shards.ts';
import { nowMs, openShard, type Shard } from '../history/shard.ts';
import { INVARIANTS } from '../invariants/all.ts';
import type { AddressBook } from '../kernel/address-book.ts';
import { orDiskFull } from '../kernel/disk-space.ts';
import { orAborted, within } from '../kernel/poll.ts';
import { markLatest, newRunId, runsFolder } from '../kernel/run-folder.ts';
import { workspaceFolder } from '../kernel/workspace.ts';
import type { Stack } from '../testbed/stack.ts';
import { WITNESSES } from '../witnesses/all.ts';
import { type Recorders, startRecorders } from '../witnesses/recorders.ts';
import { wire } from '../witnesses/wire.ts';
import { prepareStack } from './prepare-stack.ts';
import type { ScenarioProgress, ScenarioResult } from './scenario-results.ts';
import type { PlayOptions } from './scenarios.ts';
import { watchStack } from './stack-lost.ts';
import { waitForPendingDeadlines } from './wait-for-pending-deadlines.ts';
import { watchSlowness } from './watch-slowness.ts';

/**
 * From an acknowledged command to its job's end. Three step time-outs of 5 s, the compensations of
 * a paused participant and a loaded machine fit; a saga that is stuck does not.
 */
const TERMINAL_WITHIN_MS = 60_000;

/** After the last scenario: how long recorders may take to read up to the watermarks. */
const SETTLE_DEADLINE_MS = 30_000;
/** So many times longer on a machine that is starved. */
const SETTLE_PATIENCE = 4;
const CLOSE_DEADLINE_MS = 5_000;

/** What a run plays while the witnesses record. */
export interface RunPlay {
  /** @throws the signal's reason, if it aborts */
  play(options: Omit<PlayOptions, 'stack'> & { readonly stack: Stack }): Promise<ScenarioResult[]>;
}

export interface VerificationOptions {
  readonly stack: Stack;
  readonly scenarios: RunPlay;
  readonly seed?: string;
  /** Whose deadlines the run waits for; default: Sagaproof's own. */
  readonly invariants?: readonly Invariant[];
  /** Whether wire operations are part of the history: four times as many events. */
  readonly wireOperations?: boolean;
  readonly onProgress?: (progress: ScenarioProgress) => void;
  readonly onPhase?: (phase: string) => void;
  readonly signal?: AbortSignal;
  /** After the first failure, scenarios that have not begun are not played. */
  readonly failFast?: boolean;
}

/** A run whose history is complete and waits to be judged. */
export interface RecordedRun {
  readonly run: string;
  readonly seed: string;
  readonly commit: string;
  readonly runFolder: string;
  readonly historyFile: string;
  readonly scenarios: readonly ScenarioResult[];
  readonly durationMs: number;
}

/**
 * Records one run of scenarios against a stack: starts the witnesses, plays the scenarios, drains
 * the event sources, and merges what all of them recorded into one history.
 */
export async function recordRun(options: VerificationOptions): Promise<RecordedRun> {
  const startedMs = performance.now();
  await prepare(options);
  const run = newRunId();
  const seed = options.seed ?? randomBytes(6).toString('hex');
  const runFolder = join(runsFolder(), run);
  mkdirSync(runFolder, { recursive: true });
  linkLogs(options.stack, runFolder);
  markLatest(runFolder);
  const commit = await commitOf();
  const shard = openShard(runFolder);
  const writing = recording(shard, runFolder);
  const { addressBook: book } = options.stack;
  writing.record(opening(run, seed, commit, book));
  using watch = watchStack(options.stack);
  const stop = AbortSignal.any([
    writing.failed,
    watch.lost,
    ...(options.signal ? [options.signal] : []),
  ]);
  const slowness = new Slowness();
  using _measuring = watchSlowness({
    pids: () => pidsOf(options.stack),
    slowness,
    record: writing.record,
  });
  const recorders = await startRecorders({
    book,
    run,
    record: writing.record,
    signal: stop,
    witnesses: WITNESSES.filter((one) => one !== wire || options.wireOperations),
  }).catch((error) => {
    shard.close();
    throw error;
  });
  let scenarios: ScenarioResult[];
  try {
    scenarios = await options.scenarios.play({
      run,
      seed,
      runFolder,
      stack: options.stack,
      record: writing.record,
      logFile: join(runFolder, 'scenarios.log'),
      slowness,
      ...(options.failFast ? { failFast: true } : {}),
      onProgress: options.onProgress ?? (() => undefined),
      signal: stop,
    });
    options.onPhase?.('draining event sources');
    const doubt = await orAborted(rest(recorders, slowness, stop), stop);
    const invariants = options.invariants ?? INVARIANTS;
    await waitForPendingDeadlines(runFolder, invariants, stop, options.onPhase);
    await orAborted(recorders.settle(stop, doubt), stop);
  } finally {
    // What a witness has to say is written by now; one whose system is gone takes minutes to close.
    await within('closing the witnesses', CLOSE_DEADLINE_MS, recorders.close()).catch(
      () => undefined,
    );
    shard.close();
  }
  const historyFile = join(runFolder, 'history.jsonl');
  await mergeShards(runFolder, historyFile).catch((error: unknown) => {
    throw orDiskFull(error, runFolder);
  });
  const durationMs = Math.round(performance.now() - startedMs);
  return { run, seed, commit, runFolder, historyFile, scenarios, durationMs };
}

/**
 * Waits until the system is at rest.
 *
 * @returns why its state says nothing, if it is not and the machine was starved
 */
async function rest(
  recorders: Recorders,
  slowness: Slowness,
  signal: AbortSignal,
): Promise<string | undefined> {
  const beganMs = nowMs();
  for (let waits = 1; ; waits++) {
    if (await recorders.quiet(SETTLE_DEADLINE_MS, signal)) return undefined;
    const starved = slowness.starved(beganMs, nowMs());
    // A system that never comes to rest is judged as it is: invariants report what is missing.
    if (starved === undefined) return undefined;
    if (waits < SETTLE_PATIENCE) continue;
    const waitedMs = waits * SETTLE_DEADLINE_MS;
    return `the system was not at rest after ${waitedMs} ms, and ${starved}`;
  }
}

/** A stack that this process booted has no leftovers. */
async function prepare({ stack, onPhase, signal }: VerificationOptions): Promise<void> {
  if (!stack.reused) return;
  await prepareStack(stack, {
    onRepair: onPhase ?? (() => undefined),
    signal: signal ?? new AbortController().signal,
  });
}

/** Of every process of the stack that runs now. */
async function pidsOf({ control }: Stack): Promise<number[]> {
  const { resources } = await control.status();
  return resources.flatMap(({ pid }) => pid ?? []);
}

/**
 * A history that cannot be written ends the run: scenarios would fail for it, and it is no verdict
 * on the system.
 */
function recording(shard: Shard, runFolder: string) {
  const failure = new AbortController();
  return {
    failed: failure.signal,
    record(event: Unrecorded): void {
      try {
        shard.record(event);
      } catch (error) {
        if (!failure.signal.aborted) failure.abort(orDiskFull(error, runFolder));
      }
    },
  };
}

function opening(
  run: string,
  seed: string,
  commit: string,
  book: AddressBook,
): Unrecorded<RunStarted> {
  const subjects = Object.values(book.services)
    .filter((service) => service.subject)
    .map(({ service, version, language, manifest, absentFeatures }) => ({
      service,
      version,
      ...(language === undefined ? {} : { language }),
      manifest: shortestPath(manifest),
      absentFeatures,
    }));
  return {
    type: 'run-started',
    schemaVersion: 1,
    run,
    seed,
    commit,
    subjects,
    bounds: { terminalWithinMs: TERMINAL_WITHIN_MS },
  };
}

/** The path from the working directory, when the file is below it. */
function shortestPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

/** The logs are the stack's; a run on a kept stack has them too, without a copy. */
function linkLogs(stack: Stack, runFolder: string): void {
  const logs = join(stack.runFolder, 'logs');
  if (existsSync(logs) && readdirSync(logs).length > 0) symlinkSync(logs, join(runFolder, 'logs'));
}

/** The commit under test, with `+` when the work tree differs from it; `unknown` without git. */
async function commitOf(): Promise<string> {
  const git = (args: readonly string[]) =>
    execa('git', args, { cwd: workspaceFolder(), reject: false });
  const [head, changes] = await Promise.all([
    git(['rev-parse', '--short=12', 'HEAD']),
    git(['status', '--porcelain', '--untracked-files=no']),
  ]);
  if (head.exitCode !== 0) return 'unknown';
  return `${head.stdout.trim()}${changes.stdout.trim() === '' ? '' : '+'}`;
}
