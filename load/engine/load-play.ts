import { setTimeout as pause } from 'node:timers/promises';
import { type Faults, faultsOf } from '../../chaos/faults/all.ts';
import { nowMs, openShard, type Shard } from '../../harness/history/shard.ts';
import { Random } from '../../harness/kernel/random.ts';
import { restoreStack } from '../../harness/runner/restore-stack.ts';
import type { ScenarioResult } from '../../harness/runner/scenario-results.ts';
import type { RunPlay } from '../../harness/runner/verification.ts';
import { World } from '../../harness/scenario/world.ts';
import type { LoadModel, Slo } from '../model/model-schema.ts';
import type { LoadDocument } from './load-document.ts';
import { type PlannedFault, planFaults, playFaults } from './load-faults.ts';
import { LoadPhase, type PhaseName, QUIET_MS, READ_MS } from './load-phase.ts';
import { type Conditions, concluded, measuredOf, type Rest } from './load-result.ts';
import { worksOf } from './load-works.ts';
import type { LoadWork } from './messages.ts';
import { StepSearch } from './step-search.ts';
import { LoadTally } from './tally.ts';
import { LoadThreads } from './threads.ts';
import { TierMemory } from './tier-memory.ts';

type Given = Parameters<RunPlay['play']>[0];

/** What the terminal shows while the load is on. */
export interface LoadProgress {
  readonly phase: PhaseName;
  readonly elapsedMs: number;
  /** An estimate of the time until the run is judged. */
  readonly leftMs: number;
  readonly sockets: number;
  readonly framesPerSecond: number;
  readonly p99Ms: number | undefined;
  readonly anomalies: number;
}

export interface LoadOptions {
  readonly model: LoadModel;
  readonly slo: Slo;
  readonly onProgress?: (progress: LoadProgress) => void;
}

const INTERVAL_MS = 1_000;
/** Beyond the ramp: for the slowest handshakes and subscriptions. */
const CONNECT_EXTRA_MS = 30_000;
const DRAIN_MS_MAX = 60_000;
const FINISH_MS = 20_000;
/** Threads connect to Kafka and the registry. */
const BEGIN_MS = 60_000;

/** One run of a load model; it is played once, while the witnesses record. */
export class LoadPlay implements RunPlay {
  readonly #options: LoadOptions;
  readonly #tally = new LoadTally();
  readonly #phase: LoadPhase;
  /** Of the run that was played. */
  document: LoadDocument | undefined;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#phase = new LoadPhase(options.model);
  }

  async play(given: Given): Promise<ScenarioResult[]> {
    const { model } = this.#options;
    const scenario = `load-${model.name}`;
    const shard = openShard(given.runFolder);
    const startedMs = performance.now();
    shard.record({ type: 'scenario-started', scenario });
    try {
      const { seed, stack, run } = given;
      const book = stack.addressBook;
      const planned = planFaults(model.faults, book, new Random(seed, scenario));
      const world = new World({ scenario, run, seed, book, shard });
      const works = await worksOf(model, given, world).finally(() => world.close());
      const document = await this.#run(works, planned, given, shard);
      this.document = document;
      const { outcome, why: message } = document;
      const because = message === undefined ? {} : { message };
      shard.record({ type: 'scenario-ended', scenario, outcome, ...because });
      const durationMs = performance.now() - startedMs;
      return [{ name: scenario, claims: model.claims, outcome, durationMs, ...because }];
    } finally {
      await restoreStack(given.stack).catch(() => undefined);
      shard.close();
    }
  }

  async #run(
    works: readonly LoadWork[],
    planned: readonly PlannedFault[],
    given: Given,
    shard: Shard,
  ): Promise<LoadDocument> {
    const { model, slo } = this.#options;
    const { stack, seed, signal } = given;
    const scenario = `load-${model.name}`;
    await using threads = new LoadThreads(works, this.#tally.add);
    const nodes = stack.addressBook.services['websocket']?.instances.map(({ id }) => id) ?? [];
    using memory = new TierMemory(stack.control, nodes, shard.record);
    using _samples = this.#sampling(threads, shard);
    const faults = faultsOf(stack, (event) =>
      shard.record({ type: 'fault', ...event, seed, scenario }),
    );
    const notReady = await this.#connect(threads, signal);
    memory.begin();
    const search = model.search && new StepSearch(this.#options, this.#tally);
    const beganMs = nowMs();
    const notLanded = await this.#load(threads, { planned, faults, search, signal });
    const endedMs = nowMs();
    const rest = await this.#drain(threads, signal);
    const conditions: Conditions = {
      ...{ scenario, notReady, notLanded, threads: works.length, beganMs, endedMs },
      starved: given.slowness?.starved(beganMs, nowMs()),
      growthMiB: memory.growthMiB,
      ...(search ? { search: search.result } : {}),
    };
    const measured = measuredOf(this.#tally, rest, conditions);
    const document = concluded({ model, slo, measured, rest, conditions }, this.#tally);
    for (const total of this.#tally.totals(scenario)) shard.record(total);
    const { claims, limits } = document;
    shard.record({ type: 'load-result', workload: scenario, claims, limits: limits as never });
    return document;
  }

  /** Opens all sockets. Resolves with how many never subscribed. */
  async #connect(threads: LoadThreads, signal: AbortSignal): Promise<number> {
    const { sockets } = this.#options.model;
    const count = sockets.users * sockets.perUser;
    const rampMs = (count / sockets.openedPerSecond) * 1_000;
    await threads.waitFor('the load to connect', () => threads.isConnected, BEGIN_MS, signal);
    const isReady = () => threads.readySockets >= count;
    await threads.waitFor('sockets to subscribe', isReady, rampMs + CONNECT_EXTRA_MS, signal);
    return count - threads.readySockets;
  }

  /** Resolves with why faults did not land. */
  async #load(
    threads: LoadThreads,
    given: {
      readonly planned: readonly PlannedFault[];
      readonly faults: Faults;
      readonly search: StepSearch | undefined;
      readonly signal: AbortSignal;
    },
  ): Promise<string[]> {
    const { planned, faults, search, signal } = given;
    this.#phase.enter('load');
    const startMs = performance.now();
    threads.send({ what: 'start', atMs: nowMs() });
    const durationMs = this.#options.model.durationSeconds * 1_000;
    const played = playFaults(planned, { faults, startMs, signal });
    await (search?.play(signal) ?? pause(durationMs, undefined, { signal }));
    const notLanded = await played;
    threads.send({ what: 'stop' });
    return notLanded;
  }

  /** Waits until nothing more comes, lets stalled sockets read, and closes all. */
  async #drain(threads: LoadThreads, signal: AbortSignal): Promise<Rest> {
    this.#phase.enter('draining');
    const published = await threads.stopped(DRAIN_MS_MAX, signal);
    const isDone = () => this.#tally.quietMs >= QUIET_MS && this.#isFinished();
    await threads.waitFor('the tier to be quiet', isDone, DRAIN_MS_MAX, signal);
    if (this.#options.model.sockets.slowShare > 0) {
      threads.send({ what: 'read' });
      await pause(READ_MS, undefined, { signal });
    }
    const finished = await threads.finish(published ?? [], FINISH_MS, signal);
    const backlogs = finished.flatMap(({ stalledBacklogBytesMax }) => stalledBacklogBytesMax ?? []);
    return {
      isStopped: published !== undefined,
      missing: finished.reduce((sum, { missing }) => sum + missing, 0),
      unfinished: finished.reduce((sum, { unfinished }) => sum + unfinished, 0),
      ...(backlogs.length === 0 ? {} : { backlogBytesMax: Math.max(...backlogs) }),
    };
  }

  #isFinished(): boolean {
    const { accepted, finished } = this.#tally.total.counts;
    return accepted === finished;
  }

  #sampling(threads: LoadThreads, shard: Shard): Disposable {
    const { model, onProgress } = this.#options;
    const look = () => {
      const open = threads.openSockets;
      const taken = this.#tally.takeInterval(`load-${model.name}`, open);
      for (const sample of taken.samples) shard.record(sample);
      const { gap, duplicate, reorder, leak } = this.#tally.total.counts;
      onProgress?.({
        ...this.#phase.now,
        ...{ sockets: open, framesPerSecond: taken.perSecond, p99Ms: taken.latency?.p99 },
        anomalies: gap + duplicate + reorder + leak,
      });
    };
    const timer = setInterval(look, INTERVAL_MS);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }
}
