import type { Frame } from '../../harness/clients/socket.ts';
import { isTimeout } from '../../harness/kernel/poll.ts';
import { isFaultNotLanded } from '../../harness/links/fault.ts';
import type { WireControl, WireHit } from '../../harness/links/wire-rules.ts';
import type { Accepted } from '../../harness/scenario/user.ts';
import type { World } from '../../harness/scenario/world.ts';
import type { Stack } from '../../harness/testbed/stack.ts';
import type { Faults } from '../faults/all.ts';
import type { Facts } from './boundaries.ts';
import { allFaults, type Cell, type CellOutcome, type FaultName } from './cell.ts';
import { actionOf } from './cell-faults.ts';
import { endingOf } from './endings.ts';
import { type Follower, openFollower } from './follower.ts';
import { problemOf } from './frames.ts';
import { landFault } from './land-fault.ts';
import { VARIANTS, type Variant } from './variants.ts';
import {
  armGate,
  armTrigger,
  isKnown,
  type MarkerValues,
  NotLanded,
  RefusedRule,
} from './wire-trigger.ts';
import {
  type Customer,
  dispatch,
  expectEnding,
  place,
  placeAgain,
  prepareCustomer,
} from './workload.ts';

/** What reads the end of a job comes to it within this time. */
const LANDS_AFTER_END_MS = 8_000;
/** As above, for a schedule: some of its faults may meet nothing. */
const SCHEDULE_LANDS_AFTER_END_MS = 2_500;
/** Far below what a service allows a request to Kafka. */
const GATE_MS = 1_500;
/** Faults during which a service may take as long as a step may take. */
const TAKES_AWAY: ReadonlySet<FaultName> = new Set([
  ...(['kill', 'pause', 'cut', 'latency', 'time-out'] as const),
]);
const APPROVED = VARIANTS[0] as Variant;
/** After the fault was lifted: how long a saga may take to end, as invariants allow it. */
const ENDS_WITHIN_MS = 60_000;

export interface CellContext {
  readonly world: World;
  readonly stack: Stack;
  readonly faults: Faults;
  readonly wire: Pick<WireControl, 'arm'>;
  readonly facts: Facts;
  /** The time-out of a step while this cell is played. */
  readonly stepTimeoutMs: number;
}

/** What came of a cell, apart from what invariants say of the whole run. */
export interface PlayedCell {
  readonly outcome: CellOutcome;
  /** The operation that the fault hit. */
  readonly landed?: { readonly operation: string; readonly atMs: number };
  /** Why it did not pass. */
  readonly reason?: string;
  /** With INCONCLUSIVE: no operation came that the fault was for. */
  readonly isMissed?: boolean;
  /** With FAIL: it can come from a starved machine. */
  readonly isTimeBound?: boolean;
  /** Ids by which violations are found to be of this cell. */
  readonly ids: readonly string[];
  /** What was seen to happen, by name. */
  readonly seen: readonly string[];
}

/** Plays a cell, or a variant without any fault: its twin. */
export async function playCell(
  cell: Cell | undefined,
  variant: Variant,
  context: CellContext,
): Promise<PlayedCell> {
  const play = new CellPlay(cell, variant, context);
  let problem: unknown;
  try {
    await play.run();
  } catch (error) {
    problem = error;
  }
  const { landed, ids, seen } = play;
  const about = { ids, seen, ...(landed === undefined ? {} : { landed: landingOf(landed) }) };
  if (problem === undefined) return { outcome: 'PASS', ...about };
  if (isNotLanded(problem)) {
    const isMissed = !(problem instanceof RefusedRule);
    return { outcome: 'INCONCLUSIVE', reason: textOf(problem), isMissed, ...about };
  }
  const isTimeBound = isTimeout(problem) || /step-timed-out/.test(textOf(problem));
  return { outcome: 'FAIL', reason: textOf(problem), isTimeBound, ...about };
}

const landingOf = ({ operation, link, atMs }: WireHit) => ({
  operation: `${operation} on ${link}`,
  atMs,
});

const isNotLanded = (error: unknown): boolean =>
  error instanceof NotLanded || isFaultNotLanded(error);

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

class CellPlay {
  landed: WireHit | undefined;
  readonly ids: string[] = [];
  readonly seen: string[] = [];
  readonly #cell: Cell | undefined;
  readonly #variant: Variant;
  readonly #context: CellContext;
  readonly #beganMs = Date.now();
  /** An order of another customer, placed while the fault is in effect. */
  #bystander: Promise<void> | undefined;
  #keys: readonly string[] = [];
  readonly #patience = new AbortController();
  /** Each resolves when its fault is lifted, with why it did not land, if it did not. */
  readonly #landings: Promise<unknown>[] = [];

  constructor(cell: Cell | undefined, variant: Variant, context: CellContext) {
    this.#cell = cell;
    this.#variant = variant;
    this.#context = context;
  }

  async run(): Promise<void> {
    const { world } = this.#context;
    const [customer, other] = await Promise.all([
      prepareCustomer(world, this.#variant),
      prepareCustomer(world, APPROVED),
    ]);
    this.ids.push(customer.user.userId, customer.sku, customer.cardToken);
    const follower = await openFollower(this.#context, customer.user);
    const placed = await this.#placedBefore(customer, follower);
    let accepted: Accepted;
    let frame: Frame;
    try {
      accepted = await this.#command({ customer, other, follower, placed });
      frame = await follower.terminal(ENDS_WITHIN_MS);
    } finally {
      // The fault is lifted before anything else begins.
      const isSchedule = this.#cell?.others !== undefined;
      const waitMs = isSchedule ? SCHEDULE_LANDS_AFTER_END_MS : LANDS_AFTER_END_MS;
      const giveUp = setTimeout(() => this.#patience.abort(), waitMs);
      await Promise.all(this.#landings);
      clearTimeout(giveUp);
    }
    const problem = problemOfLandings(await Promise.all(this.#landings));
    const { jobId, orderId } = accepted;
    const ended = {
      ...{ state: frame.kind ?? '', reason: frame.reason ?? undefined, isSlow: this.#isSlow() },
    };
    const ending = endingOf(this.#variant, this.#context.facts.sagas, ended);
    await expectEnding(world, customer, { jobId, orderId, ...ending });
    const wrong = problemOf(follower.updates);
    if (wrong !== undefined) throw new Error(`job ${jobId}: ${wrong}`);
    if (placed === undefined) await placeAgain(customer, accepted);
    await this.#bystander;
    this.seen.push(...seenIn(follower));
    if (problem !== undefined) throw problem;
  }

  /** A saga that takes another one back needs that one to have succeeded. */
  async #placedBefore(customer: Customer, follower: Follower): Promise<string | undefined> {
    const { dispatched } = this.#variant;
    if (dispatched === undefined) return undefined;
    const { orderId, jobId } = await place(customer);
    this.ids.push(orderId, jobId);
    await follower.follow(jobId);
    const { kind } = await follower.terminal(ENDS_WITHIN_MS);
    if (kind !== 'SUCCEEDED') throw new Error(`order ${orderId} ended as ${kind} without a fault`);
    if (dispatched) await dispatch(this.#context.world, orderId);
    return orderId;
  }

  /** Sends the command, with the fault armed before anything of it that the fault is for. */
  async #command(given: Commanded): Promise<Accepted> {
    const { customer, follower, placed } = given;
    const { user, sku } = customer;
    const send = async () => {
      const accepted = await (placed === undefined ? place(customer) : user.cancelOrder(placed));
      this.#keys = [accepted.orderId, accepted.jobId];
      this.ids.push(...this.#keys);
      return accepted;
    };
    const cells = this.#cell === undefined ? [] : allFaults(this.#cell);
    if (cells.length === 0) this.#standBy(given.other);
    const known: MarkerValues = {
      ...{ userId: user.userId, sku },
      ...(placed === undefined ? {} : { orderId: placed }),
    };
    const later = cells.filter((cell) => !isKnown(cell.at.at, known));
    const isReady = later.length === 0;
    for (const cell of cells) if (!later.includes(cell)) await this.#arm(cell, known, given);
    // Nothing of the saga goes on before the rules for its ids are armed.
    const link = `${this.#saga().orchestrator}→kafka`;
    const { wire } = this.#context;
    await using gate = isReady ? undefined : await armGate(wire, link, placed ?? sku);
    // A command that is not accepted soon must not keep the orchestrator from publishing.
    const open = setTimeout(() => void gate?.[Symbol.asyncDispose](), GATE_MS);
    const accepted = await send().finally(() => clearTimeout(open));
    const { orderId, jobId } = accepted;
    for (const cell of later) await this.#arm(cell, { ...known, orderId, jobId }, given);
    await gate?.[Symbol.asyncDispose]();
    await follower.follow(jobId);
    return accepted;
  }

  /** Arms the fault, which lands while the saga goes on. */
  async #arm(cell: Cell, values: MarkerValues, given: Commanded): Promise<void> {
    const { wire, ...context } = this.#context;
    const trigger = await armTrigger(wire, cell.at.at, values, actionOf(cell));
    const landing = landFault({
      ...{ ...context, cell, trigger, saga: this.#saga(), sinceMs: this.#beganMs },
      follower: given.follower,
      keys: () => this.#keys,
      patience: this.#patience.signal,
      onHit: (hit) => {
        this.seen.push(cell.fault);
        if (this.landed === undefined) this.#standBy(given.other);
        this.landed ??= hit;
      },
    });
    this.#landings.push(landing);
  }

  #standBy(other: Customer): void {
    this.#bystander = this.#standingBy(other);
    // It is awaited at the end.
    this.#bystander.catch(() => undefined);
  }

  async #standingBy(other: Customer): Promise<void> {
    const { world, facts } = this.#context;
    const { orderId, jobId } = await place(other);
    this.ids.push(other.user.userId, other.sku, other.cardToken, orderId, jobId);
    const { state, reason } = await other.user.jobEnded(jobId, ENDS_WITHIN_MS);
    const ended = { state: String(state), reason: String(reason), isSlow: this.#isSlow() };
    await expectEnding(world, other, { jobId, orderId, ...endingOf(APPROVED, facts.sagas, ended) });
  }

  /** A step may have timed out: a service or a link was away, and for long enough. */
  #isSlow(): boolean {
    const faults = this.#cell === undefined ? [] : allFaults(this.#cell);
    const isAway = faults.some(({ fault }) => TAKES_AWAY.has(fault));
    return isAway && Date.now() - this.#beganMs >= this.#context.stepTimeoutMs;
  }

  #saga() {
    const saga = this.#context.facts.sagas.find(({ name }) => name === this.#variant.saga);
    if (saga === undefined) throw new Error(`there is no saga ${this.#variant.saga}`);
    return saga;
  }
}

/** Of a schedule, one fault that landed is enough; what else went wrong with a fault counts. */
function problemOfLandings(problems: readonly unknown[]): unknown {
  const found = problems.filter((problem) => problem !== undefined);
  const unexpected = found.find((problem) => !isNotLanded(problem));
  return unexpected ?? (found.length === problems.length ? found[0] : undefined);
}

/** What happened, by the names of what some cell has to show. */
function seenIn({ updates, resumed }: Follower): string[] {
  const kinds = updates.map(({ kind = '' }) => kind);
  return [
    ...(kinds.includes('STEP_COMPENSATED') ? ['compensation'] : []),
    ...(kinds.includes('STEP_RETRIED') ? ['retry'] : []),
    ...(resumed > 0 ? ['resume'] : []),
  ];
}

interface Commanded {
  readonly customer: Customer;
  readonly other: Customer;
  readonly follower: Follower;
  /** The order that the command is about, if there is one already. */
  readonly placed: string | undefined;
}
