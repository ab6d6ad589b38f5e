import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import pMap from 'p-map';
import type { Slowness } from '../checker/facts/slowness.ts';
import { nowMs } from '../history/shard.ts';
import { Random } from '../kernel/random.ts';
import type { ScenarioFacts } from '../scenario/define-scenario.ts';
import type { Stack } from '../testbed/stack.ts';
import type { PlayContext, Played, Stray } from './player-messages.ts';
import { PlayerEnded, type PlayerOptions, PlayerThread } from './player-thread.ts';
import { type RestorableStack, restoreStack } from './restore-stack.ts';
import type { ScenarioFile } from './scenario-files.ts';
import { missingFor } from './scenario-needs.ts';
import { type ResultSinks, type ScenarioResult, ScenarioResults } from './scenario-results.ts';

/** Enough to overlap their waits for sagas; a stack on two cores gains nothing from more. */
const CONCURRENT_MAX = 6;

export interface PlayOptions
  extends Omit<PlayContext, 'stackFolder'>,
    Pick<ResultSinks, 'record' | 'onProgress'> {
  readonly stack: RestorableStack & Pick<Stack, 'addressBook' | 'runFolder'>;
  /** Gets what scenarios print, and why they failed. */
  readonly logFile: string;
  /** Measured during the play: a time-out on a starved machine fails no scenario. */
  readonly slowness?: Slowness;
  /** After the first failure, scenarios that have not begun are not played. */
  readonly failFast?: boolean;
  readonly signal: AbortSignal;
}

/** When scenarios keep failing for the same cause, the others are given up after this time. */
const HURRIED_MS = 20_000;

const givenUp = (cause: string | undefined): string | undefined =>
  cause === undefined
    ? undefined
    : `given up after ${HURRIED_MS / 1_000} s, because other scenarios failed with "${cause}"`;

/** A scenario to play, or why its module cannot be loaded. */
type Loaded = { readonly file: ScenarioFile } & (
  | { readonly facts: ScenarioFacts }
  | { readonly problem: string }
);
type Playable = Extract<Loaded, { facts: ScenarioFacts }>;

/**
 * Scenarios, loaded in a thread of their own from the moment this is made, so that on a warm stack
 * they start at once. They can be played several times. Dispose it to end the thread.
 */
export class Scenarios implements AsyncDisposable {
  readonly files: readonly ScenarioFile[];
  readonly #options: Pick<PlayerOptions, 'blockedMsMax'>;
  /** Resolves when every module is loaded, or found not to load. */
  readonly loaded: Promise<readonly Loaded[]>;
  #thread: PlayerThread;
  #onStray: (stray: Stray) => void = () => undefined;
  #log: Writable | undefined;
  #isDisposed = false;

  constructor(files: readonly ScenarioFile[], options: Pick<PlayerOptions, 'blockedMsMax'> = {}) {
    this.files = files;
    this.#options = options;
    this.#thread = this.#startThread();
    this.loaded = this.#load();
  }

  /**
   * Plays all of them: concurrently where they take nothing away, in an order that the seed
   * decides; then the exclusive ones, one at a time.
   *
   * @returns a result for each, sorted by name
   * @throws the signal's reason, if it aborts
   */
  async play(options: PlayOptions): Promise<ScenarioResult[]> {
    const log = this.#openLog(options.logFile);
    const { record, onProgress, signal } = options;
    const results = new ScenarioResults({ record, onProgress, log });
    this.#onStray = (stray) => results.stray(stray);
    try {
      const playable = failUnloadable(await this.loaded, results);
      const order = new Random(options.seed, 'order of scenarios').shuffled(playable);
      // Those that wait for long overlap with all others.
      const shared = order
        .filter(({ facts }) => !facts.exclusive)
        .sort((a, b) => Number(b.facts.lasting) - Number(a.facts.lasting));
      const play = (one: Playable) => this.#playOne(one, options, results);
      const areOver = await pMap(shared, play, { concurrency: CONCURRENT_MAX, signal });
      if (areOver.includes(false)) await this.#thread[Symbol.asyncDispose]();
      for (const one of order.filter(({ facts }) => facts.exclusive)) {
        await play(one);
      }
      return results.all;
    } finally {
      this.#log = undefined;
      log.end();
      await finished(log).catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#thread[Symbol.asyncDispose]();
  }

  async #load(): Promise<readonly Loaded[]> {
    const loaded: Loaded[] = [];
    for (const file of this.files) {
      if (this.#isDisposed) break;
      try {
        loaded.push({ file, facts: await this.#aliveThread().load(file) });
      } catch (error) {
        loaded.push({ file, problem: (error as Error).message });
      }
    }
    return loaded;
  }

  /** @returns false if the scenario was given up and its code still runs */
  async #playOne(one: Playable, options: PlayOptions, results: ScenarioResults): Promise<boolean> {
    const { facts } = one;
    const { signal } = options;
    signal.throwIfAborted();
    if (options.failFast && results.firstFailed !== undefined) return results.skip(facts);
    results.start(facts.name);
    const startedMs = performance.now();
    const { isOver, ...outcome } = await this.#outcomeOf(one, options, results.repeatedCause);
    // Without a stack, or interrupted, a scenario fails for no fault of the system.
    signal.throwIfAborted();
    const { name, claims } = facts;
    results.end({ name, claims, durationMs: performance.now() - startedMs, ...outcome });
    return isOver;
  }

  async #outcomeOf(
    { file, facts }: Playable,
    { stack, run, seed, runFolder, slowness, signal }: PlayOptions,
    repeatedCause: string | undefined,
  ): Promise<Pick<ScenarioResult, 'outcome' | 'message' | 'trace'> & { readonly isOver: boolean }> {
    const missing = missingFor(facts, stack.addressBook);
    if (missing !== undefined) return { outcome: 'partial', message: missing, isOver: true };
    const about = { run, seed, runFolder, stackFolder: stack.runFolder };
    const context = repeatedCause === undefined ? about : { ...about, deadlineMsMax: HURRIED_MS };
    const beganMs = nowMs();
    const { failure, trace, isInconclusive, isTimeBound, isOver } = await this.#aliveThread()
      .play(file, context)
      .catch((error: Error): Played => ({ failure: explained(file, error), isOver: true }));
    if (failure === undefined) return { outcome: 'passed', isOver };
    const excuse = isTimeBound
      ? (slowness?.starved(beganMs, nowMs()) ?? givenUp(repeatedCause))
      : undefined;
    const outcome = isInconclusive || excuse !== undefined ? 'inconclusive' : 'failed';
    const reason = excuse === undefined ? failure : `${excuse}; ${failure}`;
    const why = { outcome, ...(trace === undefined ? {} : { trace }) } as const;
    if (!facts.exclusive || signal.aborted) return { ...why, message: reason, isOver };
    // Code that still runs must not take away again what is restored.
    if (!isOver) await this.#thread[Symbol.asyncDispose]();
    const problem = await restored(stack);
    const message = problem === undefined ? reason : `${reason}\n${problem}`;
    return { ...why, message, isOver: true };
  }

  #startThread(): PlayerThread {
    const thread = new PlayerThread({ ...this.#options, onStray: (stray) => this.#onStray(stray) });
    if (this.#log) thread.pipeTo(this.#log);
    return thread;
  }

  /** The thread, or a new one if a scenario has ended it. */
  #aliveThread(): PlayerThread {
    if (this.#thread.hasEnded && !this.#isDisposed) this.#thread = this.#startThread();
    return this.#thread;
  }

  #openLog(logFile: string): Writable {
    const log = createWriteStream(logFile, { flags: 'a' });
    // A full disk is reported by the history, which must not lose a line.
    log.on('error', () => undefined);
    this.#log = log;
    this.#thread.pipeTo(log);
    return log;
  }
}

function failUnloadable(loaded: readonly Loaded[], results: ScenarioResults): Playable[] {
  for (const one of loaded) {
    if (!('problem' in one)) continue;
    const { name } = one.file;
    results.start(name);
    const about = { claims: 'its module loads', durationMs: 0, message: one.problem };
    results.end({ name, outcome: 'failed', ...about });
  }
  return loaded.filter((one) => 'facts' in one);
}

/** Why a scenario has no result: it, or another one in its thread, has ended the thread. */
function explained({ path }: ScenarioFile, error: Error): string {
  const places = error instanceof PlayerEnded ? error.places : [];
  const [innermost] = places;
  if (innermost === undefined) return error.message;
  const own = places.find((place) => path === place.path);
  return own === undefined
    ? `it was cut off: ${error.message}, by other code that runs in it, at ${innermost.text}`
    : `${error.message} by an endless loop or a long synchronous call, at ${own.text}`;
}

async function restored(stack: RestorableStack): Promise<string | undefined> {
  try {
    await restoreStack(stack);
    return undefined;
  } catch (error) {
    return `restoring the stack failed: ${error instanceof Error ? error.message : error}`;
  }
}
