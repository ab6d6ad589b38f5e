/** Plays cells on a running stack: side by side where they disturb different services. */
import { nowMs, openShard, type Shard } from '../../harness/history/shard.ts';
import type { ServiceName } from '../../harness/kernel/address-book.ts';
import type { WireControl } from '../../harness/links/wire-rules.ts';
import { restoreStack } from '../../harness/runner/restore-stack.ts';
import { missingFor } from '../../harness/runner/scenario-needs.ts';
import type { ScenarioResult } from '../../harness/runner/scenario-results.ts';
import type { RunPlay } from '../../harness/runner/verification.ts';
import { World } from '../../harness/scenario/world.ts';
import { type Faults, faultsOf } from '../faults/all.ts';
import type { Facts } from './boundaries.ts';
import type { Cell } from './cell.ts';
import { type PlayedCell, playCell } from './play-cell.ts';
import { sideBySide } from './side-by-side.ts';
import { VARIANTS, type Variant } from './variants.ts';

/** Two cores: one cell waits for a restart while the others work. */
const CONCURRENT_MAX = 3;
/** More than these were missed for another reason than each other. */
const MISSED_MAX = 60;
/** Instead of the orchestrator's own while time-outs are played. */
const SHORT_STEP_TIMEOUT_MS = 3_000;

/** A cell that was played, or the twin of those of a variant. */
export interface CellResult extends PlayedCell {
  /** The cell's, or `twin/<variant>`. */
  readonly id: string;
  /** In the history: the scenario of what was done for it. */
  readonly scenario: string;
  readonly cell?: Cell;
  readonly variant: string;
  readonly durationMs: number;
}

export interface MatrixOptions {
  readonly cells: readonly Cell[];
  readonly facts: Facts;
  /** Undefined: the stack has no wire proxies, and no fault can land. */
  readonly wire: Pick<WireControl, 'arm' | 'clear'> | undefined;
  readonly onResult?: (result: CellResult) => void;
  /** No cell begins later than this after the first one. */
  readonly budgetMs?: number;
  /** One result for all of them: in a run that is not only about them. */
  readonly summary?: boolean;
  /** They are schedules: one at a time, and a fault that meets nothing is not tried again. */
  readonly isHunt?: boolean;
}

const NO_WIRE: Pick<WireControl, 'arm' | 'clear'> = {
  arm: () => Promise.reject(new Error('this stack runs no wire proxies')),
  clear: () => Promise.resolve(),
};

type Given = Parameters<RunPlay['play']>[0];

/** One run of the matrix; it is played once. */
export class MatrixPlay implements RunPlay {
  readonly results: CellResult[] = [];
  readonly #options: MatrixOptions;
  #count = 0;
  #endMs = Number.POSITIVE_INFINITY;

  constructor(options: MatrixOptions) {
    this.#options = options;
  }

  async play(given: Given): Promise<ScenarioResult[]> {
    const { cells } = this.#options;
    const shard = openShard(given.runFolder);
    try {
      const used = VARIANTS.filter(({ name }) => cells.some(({ variant }) => variant === name));
      const twins = used.map((variant) => ({ variant, stepTimeoutMs: this.#timeoutOf(variant) }));
      await this.#playAll(twins, given, shard);
      this.#endMs = performance.now() + (this.#options.budgetMs ?? Number.POSITIVE_INFINITY);
      const [slow, quick] = [cells.filter(timesOut), cells.filter((cell) => !timesOut(cell))];
      await this.#playAll(
        quick.flatMap((cell) => this.#taskOf(cell)),
        given,
        shard,
      );
      const { summary, isHunt } = this.#options;
      if (!summary && !isHunt) await this.#playMissed(given, shard);
      if (slow.length > 0 && this.#hasTime()) await this.#withShortTimeouts(slow, given, shard);
    } finally {
      await this.#options.wire?.clear().catch(() => undefined);
      await restoreStack(given.stack).catch(() => undefined);
      shard.close();
    }
    return this.#options.summary ? this.#summary(given) : this.results.map(scenarioResultOf);
  }

  #hasTime(): boolean {
    return performance.now() < this.#endMs;
  }

  #summary({ record }: Given): ScenarioResult[] {
    const result = summaryOf(this.results);
    const { name, outcome, message } = result;
    record({ type: 'scenario-started', scenario: name });
    const why = message === undefined ? {} : { message };
    record({ type: 'scenario-ended', scenario: name, outcome, ...why });
    return [result];
  }

  async #withShortTimeouts(cells: readonly Cell[], given: Given, shard: Shard): Promise<void> {
    const { stack, signal } = given;
    const faults = recordedFaults(given, shard, 'time-outs');
    const orchestrators = new Set(this.#options.facts.sagas.map((saga) => saga.orchestrator));
    await using restarts = new AsyncDisposableStack();
    for (const service of orchestrators) {
      const env = { STEP_TIMEOUT_MS: String(SHORT_STEP_TIMEOUT_MS) };
      for (const { id, pid } of stack.addressBook.services[service]?.instances ?? []) {
        if (pid !== undefined) restarts.use(await faults.restart(id, { env }));
      }
    }
    signal.throwIfAborted();
    const tasks = cells.flatMap((cell) => this.#taskOf(cell));
    await this.#playAll(
      tasks.map((task) => ({ ...task, stepTimeoutMs: SHORT_STEP_TIMEOUT_MS })),
      given,
      shard,
    );
  }

  #taskOf(cell: Cell): Task[] {
    const variant = VARIANTS.find(({ name }) => name === cell.variant);
    return variant ? [{ cell, variant, stepTimeoutMs: this.#timeoutOf(variant) }] : [];
  }

  #timeoutOf({ saga }: Variant): number {
    const { sagas } = this.#options.facts;
    return sagas.find(({ name }) => name === saga)?.steps[0]?.timeoutMs ?? 0;
  }

  /** Those that disturb one service follow each other; the rest is played side by side. */
  #playAll(
    tasks: readonly Task[],
    given: Given,
    shard: Shard,
    concurrency: number = this.#options.isHunt ? 1 : CONCURRENT_MAX,
  ): Promise<void> {
    const work = tasks.map((task) => ({
      disturbs: task.cell?.participant,
      run: () => this.#playOne(task, given, shard),
    }));
    const { signal } = given;
    return sideBySide(work, { concurrency, signal, hasTime: () => this.#hasTime() });
  }

  /** Another cell may have been in the way of a fault that met nothing: these are played alone. */
  async #playMissed(given: Given, shard: Shard): Promise<void> {
    const missed = this.results.filter(({ isMissed }) => isMissed);
    const tasks = missed.flatMap(({ cell }) => (cell ? this.#taskOf(cell) : []));
    if (tasks.length === 0 || tasks.length > MISSED_MAX) return;
    const kept = this.results.filter(({ isMissed }) => !isMissed);
    this.results.splice(0, this.results.length, ...kept);
    await this.#playAll(tasks, given, shard, 1);
  }

  async #playOne(task: Task, given: Given, shard: Shard): Promise<void> {
    const { cell, variant } = task;
    const id = cell?.id ?? `twin/${variant.name}`;
    const scenario = `m${++this.#count}`;
    const isOwn = !this.#options.summary;
    if (isOwn) given.record({ type: 'scenario-started', scenario: id });
    const startedMs = performance.now();
    const beganMs = nowMs();
    const twin = this.results.find((one) => one.id === `twin/${variant.name}`);
    const skipped = cell && whyNot(cell, twin, given);
    const played: PlayedCell =
      skipped === undefined
        ? await this.#played(task, scenario, given, shard)
        : { outcome: 'INCONCLUSIVE', reason: skipped, ids: [], seen: [] };
    const starved = played.isTimeBound ? given.slowness?.starved(beganMs, nowMs()) : undefined;
    // Without a stack, or interrupted, a cell fails for no fault of the system.
    given.signal.throwIfAborted();
    const result: CellResult = {
      ...{ id, scenario, variant: variant.name, ...(cell === undefined ? {} : { cell }) },
      ...played,
      ...(starved === undefined
        ? {}
        : { outcome: 'INCONCLUSIVE', reason: `${starved}; ${played.reason}` }),
      durationMs: Math.round(performance.now() - startedMs),
    };
    this.results.push(result);
    const { outcome, message } = scenarioResultOf(result);
    const why = message === undefined ? {} : { message };
    if (isOwn) given.record({ type: 'scenario-ended', scenario: id, outcome, ...why });
    this.#options.onResult?.(result);
  }

  async #played(task: Task, scenario: string, given: Given, shard: Shard): Promise<PlayedCell> {
    const { run, seed, stack } = given;
    const world = new World({ scenario, run, seed, book: stack.addressBook, shard });
    try {
      return await playCell(task.cell, task.variant, {
        ...{ world, stack, facts: this.#options.facts, stepTimeoutMs: task.stepTimeoutMs },
        faults: recordedFaults(given, shard, scenario),
        wire: this.#options.wire ?? NO_WIRE,
      });
    } finally {
      await world.close();
    }
  }
}

function recordedFaults({ stack, seed }: Given, shard: Shard, scenario: string): Faults {
  return faultsOf(stack, (event) => shard.record({ type: 'fault', ...event, seed, scenario }));
}

interface Task {
  readonly cell?: Cell;
  readonly variant: Variant;
  readonly stepTimeoutMs: number;
}

/** Why a cell cannot show anything on this stack. */
function whyNot(cell: Cell, twin: CellResult | undefined, { stack }: Given): string | undefined {
  if (twin?.outcome !== 'PASS') return `its twin without a fault did not pass: ${twin?.reason}`;
  const isEnded = cell.fault === 'kill' || cell.fault === 'pause' || cell.second?.fault === 'kill';
  const controls = isEnded ? [cell.participant as ServiceName] : [];
  return missingFor({ needs: [], instances: {}, controls }, stack.addressBook);
}

const timesOut = ({ fault }: Cell): boolean => fault === 'time-out';

const OUTCOMES = { PASS: 'passed', FAIL: 'failed', INCONCLUSIVE: 'inconclusive' } as const;

const scenarioResultOf = ({ id, outcome, reason, durationMs }: CellResult): ScenarioResult => ({
  ...{ name: id, claims: CLAIM, outcome: OUTCOMES[outcome], durationMs },
  ...(reason === undefined ? {} : { message: reason }),
});

const CLAIM = 'the order ends as it would without the fault';

/** Name of the one result of a run that plays a sample among other things. */
export const SAMPLE = 'fault-matrix';

/**
 * One result for all cells. Some that did not land are no doubt about the rest: an implementation
 * may do without an operation; none that landed is.
 */
export function summaryOf(results: readonly CellResult[]): ScenarioResult {
  const failed = results.filter(({ outcome }) => outcome === 'FAIL');
  const hasLanded = results.some(({ landed }) => landed !== undefined);
  const durationMs = results.reduce((sum, result) => sum + result.durationMs, 0);
  const about = { name: SAMPLE, claims: CLAIM, durationMs };
  if (failed.length > 0) {
    const message = failed.map(({ id, reason }) => `${id}: ${reason}`).join('\n');
    return { ...about, outcome: 'failed', message };
  }
  if (hasLanded) return { ...about, outcome: 'passed' };
  const [first] = results.filter(({ cell }) => cell !== undefined);
  return { ...about, outcome: 'inconclusive', message: first?.reason ?? 'no cell was played' };
}
