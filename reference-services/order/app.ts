/** Use cases of the order service: load, decide, append. Nothing is published from here. */
import { v5 as uuidv5 } from 'uuid';
import { OperationalError } from '#kit/errors.ts';
import {
  type CancelOrder,
  decide,
  evolve,
  type Input,
  initialState,
  type OrderState,
  type PlaceOrder,
  type Policy,
  type Rejected,
  type Reply,
  toFacts,
} from './domain.ts';
import type {
  Bus,
  Clock,
  Meter,
  NewEvent,
  OrderLog,
  Revision,
  TracedEvent,
  Tracing,
} from './ports.ts';

/** Concurrent writers of one order are a reply, a cancellation and a timer, on a few instances. */
const CONFLICTS_MAX = 10;
/** The probe is one round trip; a caller waits a second or two in all. */
const PROBE_TIMEOUT_MS = 1_000;
/** Orders whose state is kept at hand; each is a few kilobytes. */
const ORDERS_AT_HAND_MAX = 2_000;
/** Namespace of the ids of stored events: any fixed UUID, and for ever the same. */
const EVENT_NAMESPACE = '6f2c1c9e-4c58-4f0e-9d0a-0b8a1f6d7c35';

export interface Accepted {
  readonly kind: 'accepted';
  /** The job that reports on the command: on a repeat, the first one's. */
  readonly jobId: string;
}

export interface OrderApp {
  placeOrder(command: PlaceOrder): Promise<Accepted | Rejected>;
  cancelOrder(command: CancelOrder): Promise<Accepted | Rejected>;
  /** The order, if there is one and it is this user's. */
  getOrder(orderId: string, userId: string): Promise<OrderState | undefined>;
  /** Takes what a participant says about an order. */
  receive(orderId: string, reply: Reply): Promise<void>;
  /** Ends the wait that a stored event began, unless it has ended. */
  fireTimer(orderId: string, timerId: string): Promise<void>;
}

interface Parts {
  readonly log: OrderLog;
  readonly bus: Pick<Bus, 'probe'>;
  readonly clock: Clock;
  readonly tracing: Tracing;
  readonly meter: Pick<Meter, 'ignored'>;
  readonly policy: Policy;
}

interface Known {
  readonly state: OrderState;
  readonly revision: Revision;
  readonly traces: JobTraces;
}
type Outcome = { readonly kind: 'done'; readonly state: OrderState } | Rejected;

/** Builds the use cases over their ports. */
export function createOrderApp(parts: Parts): OrderApp {
  const atHand = new StatesAtHand();

  const load = async (orderId: string): Promise<Known> => {
    const { events, revision } = await parts.log.load(orderId);
    return { state: events.reduce(evolve, initialState), revision, traces: tracesOf(events) };
  };

  /** Refuses before anything is kept when the saga could not go on. */
  const loadAndProbe = async (orderId: string): Promise<Known> => {
    const [known] = await Promise.all([load(orderId), parts.bus.probe(PROBE_TIMEOUT_MS)]);
    return known;
  };

  const handle = async (orderId: string, input: Input, known: Known): Promise<Outcome> => {
    let current = known;
    for (let conflicts = 0; conflicts < CONFLICTS_MAX; conflicts += 1) {
      const { state, revision, traces } = current;
      const decision = decide(input, state, parts.policy);
      if (decision.kind === 'rejected') return decision;
      const userId = state.order?.userId ?? ('userId' in input ? input.userId : '');
      const facts = toFacts(decision.outputs, state, {
        orderId,
        userId,
        nowMs: parts.clock.now(),
      });
      const ignored = decision.outputs.find((output) => output.kind === 'Ignore');
      if (ignored !== undefined) parts.meter.ignored(ignored.reason);
      if (facts.length === 0) return { kind: 'done', state };

      const events = identify(orderId, input, facts, (jobId) =>
        traceOf(jobId, traces, parts.tracing.current()),
      );
      const appended = await parts.log.append(orderId, revision, events);
      if (appended !== 'conflict') {
        const next = {
          state: events.reduce(evolve, state),
          revision: appended,
          traces: new Map([...tracesOf(events), ...traces]),
        };
        atHand.keep(orderId, next);
        return { kind: 'done', state: next.state };
      }
      current = await load(orderId);
    }
    throw new OperationalError('unavailable', { detail: 'too many writers of one order at once' });
  };

  /** A state at hand may be old: an append finds out by itself, an ignored input would not. */
  const handleFromHand = async (orderId: string, input: Input): Promise<void> => {
    const known = atHand.find(orderId);
    if (known !== undefined && !isIgnored(input, known.state, parts.policy)) {
      await handle(orderId, input, known);
    } else {
      await handle(orderId, input, await load(orderId));
    }
  };

  return {
    async placeOrder(command) {
      const outcome = await handle(command.orderId, command, await loadAndProbe(command.orderId));
      if (outcome.kind === 'rejected') return outcome;
      return { kind: 'accepted', jobId: outcome.state.order?.jobId ?? command.jobId };
    },
    async cancelOrder(command) {
      const outcome = await handle(command.orderId, command, await loadAndProbe(command.orderId));
      return outcome.kind === 'rejected' ? outcome : { kind: 'accepted', jobId: command.jobId };
    },
    async getOrder(orderId, userId) {
      const { state } = await load(orderId);
      return state.order?.userId === userId ? state : undefined;
    },
    receive: (orderId, reply) => handleFromHand(orderId, reply),
    fireTimer: (orderId, timerId) => handleFromHand(orderId, { kind: 'TimerFired', timerId }),
  };
}

function isIgnored(input: Input, state: OrderState, policy: Policy): boolean {
  const decision = decide(input, state, policy);
  return (
    decision.kind === 'decided' && decision.outputs.every((output) => output.kind === 'Ignore')
  );
}

/**
 * Gives facts the ids that only this cause can have led to, so that the log takes a repeated append
 * as the same one. What is published later carries the same ids.
 */
function identify(
  orderId: string,
  input: Input,
  facts: ReturnType<typeof toFacts>,
  traceFor: (jobId: string) => string | undefined,
): NewEvent[] {
  const causationId = causeOf(input);
  // Another command under the same job is another cause.
  const variant = input.kind === 'PlaceOrder' ? input.requestHash : input.kind;
  return facts.map((fact, index) => {
    const traceparent = traceFor(fact.jobId);
    return {
      id: uuidv5(`${orderId}:${causationId}:${variant}:${index}`, EVENT_NAMESPACE),
      fact,
      causationId,
      ...(traceparent === undefined ? {} : { traceparent }),
    };
  });
}

/** By job, where the trace of its command was when the order first received it. */
type JobTraces = ReadonlyMap<string, string>;

function tracesOf(events: readonly TracedEvent[]): Map<string, string> {
  const traces = new Map<string, string>();
  for (const { fact, traceparent } of events) {
    if (traceparent !== undefined && !traces.has(fact.jobId)) traces.set(fact.jobId, traceparent);
  }
  return traces;
}

/**
 * A job stays in the trace of its own command. The end of one saga can begin another, whose client
 * asked in another trace: what follows belongs there, and not to the last reply's trace.
 */
function traceOf(jobId: string, traces: JobTraces, current: string | undefined) {
  const own = traces.get(jobId);
  if (own === undefined) return current;
  return traceIdOf(own) === traceIdOf(current) ? current : own;
}

/** W3C Trace Context: version, trace id, parent id, flags. */
const traceIdOf = (traceparent: string | undefined) => traceparent?.split('-')[1];

function causeOf(input: Input): string {
  switch (input.kind) {
    case 'PlaceOrder':
    case 'CancelOrder':
      return input.jobId;
    case 'Reply':
      return input.messageId;
    case 'TimerFired':
      return input.timerId;
    default:
      return input satisfies never;
  }
}

/** The orders that were written last, so that the next reply need not read them again. */
class StatesAtHand {
  readonly #states = new Map<string, Known>();

  find(orderId: string): Known | undefined {
    return this.#states.get(orderId);
  }

  keep(orderId: string, known: Known): void {
    this.#states.delete(orderId);
    this.#states.set(orderId, known);
    if (this.#states.size <= ORDERS_AT_HAND_MAX) return;
    for (const oldest of this.#states.keys()) {
      this.#states.delete(oldest);
      return;
    }
  }
}
