import { expect } from 'vitest';
import type { ContractInMaking, Given } from '#harness/contracts/consumer/contract.ts';
import {
  ADDRESS,
  AN_ID,
  AN_INSTANT_MS,
  anId,
  aTraceparent,
  PRICED_LINES,
  TOTAL,
  TRACE_ID,
} from '#harness/contracts/consumer/examples.ts';
import { type ContractRecord, recordInteraction } from '#harness/contracts/consumer/record.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { REQUEST_HASH } from '#harness/contracts/fictional-order.ts';
import { consumeRecord } from '#kit/consumer.testkit.ts';
import { currentTraceparent } from '#kit/telemetry.ts';
import { REPLY_TOPICS, receiveReplies } from '../../reference-services/order/adapters/kafka.ts';
import { createOrderApp } from '../../reference-services/order/app.ts';
import { POLICY, SAID, type Said } from '../../reference-services/order/domain.testkit.ts';
import {
  decide,
  evolve,
  type Input,
  initialState,
  type StoredEvent,
  type StoredFact,
  toFacts,
} from '../../reference-services/order/domain.ts';
import type { NewEvent } from '../../reference-services/order/ports.ts';

const { causationId, jobId, orderId, otherJobId, userId } = FICTION;
const { cardToken, email: contactEmail } = FICTION;

/** A reply to the order, a request to cancel it, or the end of a time-out. */
type Step = Said | 'CancelOrder' | 'timer';

const PLACE: Input = {
  ...{ kind: 'PlaceOrder', jobId, orderId, userId, requestHash: REQUEST_HASH },
  ...{ lines: PRICED_LINES, total: TOTAL, cardToken, address: ADDRESS, contactEmail },
};

/** Replies before the last step of an order, and before the first step of its cancellation. */
export const UNTIL_CAPTURE = ['StockReserved', 'PaymentAuthorized', 'ShipmentScheduled'] as const;
export const UNTIL_CANCELLATION = [...UNTIL_CAPTURE, 'PaymentCaptured', 'CancelOrder'] as const;

/**
 * What order makes of a record when it waits for the answer to its newest command, which is
 * FICTION.causationId.
 */
export const orderAfter =
  (...steps: readonly Step[]) =>
  async (record: ContractRecord): Promise<unknown> => {
    const stored = storedAfter(steps);
    const appended: unknown[] = [];
    const ignored: string[] = [];
    const meter = { ignored: (reason: string) => void ignored.push(reason) };
    const app = createOrderApp({
      log: {
        load: async (id) =>
          id === orderId
            ? { events: stored, revision: BigInt(stored.length - 1) }
            : { events: [], revision: 'no-stream' },
        append: async (id, revision, events) => {
          appended.push(...events.map((event) => shown(id, event)));
          return revision === 'no-stream' ? 0n : revision + BigInt(events.length);
        },
      },
      bus: { probe: async () => undefined },
      clock: { now: () => AN_INSTANT_MS },
      tracing: { current: currentTraceparent },
      meter,
      policy: POLICY,
    });
    const became = await consumeRecord(record, REPLY_TOPICS, receiveReplies(app, meter));
    return { became, appended, ignored };
  };

/** The order's stream, folded by its own rules. */
function storedAfter(steps: readonly Step[]): StoredEvent[] {
  const stored: StoredEvent[] = [];
  const feed = (input: Input) => {
    const state = stored.reduce(evolve, initialState);
    const decision = decide(input, state, POLICY);
    if (decision.kind === 'rejected') throw new Error(`${input.kind}: ${decision.reason}`);
    for (const fact of toFacts(decision.outputs, state, { orderId, userId, nowMs: 1 })) {
      stored.push({ id: `event-${stored.length}`, fact });
    }
  };
  feed(PLACE);
  for (const type of steps) {
    if (type === 'CancelOrder') feed({ kind: type, jobId: otherJobId, orderId, userId });
    else if (type === 'timer') feed({ kind: 'TimerFired', timerId: newestCommand(stored).id });
    else feed(replyTo(newestCommand(stored), type));
  }
  const awaited = newestCommand(stored);
  return stored.map((event) => (event === awaited ? { ...event, id: causationId } : event));
}

const replyTo = (command: StoredEvent, type: Said): Input => ({
  ...{ kind: 'Reply', messageId: `reply-${type}`, causationId: command.id },
  event: SAID[type],
});

function newestCommand(stored: readonly StoredEvent[]): StoredEvent {
  const command = stored.findLast(({ fact }) => fact.kind === 'command');
  if (command === undefined) throw new Error('the order has sent no command');
  return command;
}

/** Without the id of the span, which is another each time. */
const shown = (stream: string, { traceparent, ...event }: NewEvent) => ({
  ...{ stream, ...event },
  traceId: traceparent?.split('-')[1],
});

/** What is stored next, by the name of what happens or is commanded, and details of the first. */
export const leadingTo = (names: readonly string[], details: object = {}) => ({
  kind: 'done',
  value: {
    became: 'handled',
    ignored: [],
    appended: names.map((type, index) =>
      expect.objectContaining({
        traceId: TRACE_ID,
        fact: factOf(type, index === 0 ? details : {}),
      }),
    ),
  },
});

function factOf(type: string, details: object): StoredFact {
  const payload = expect.objectContaining({ type, ...details });
  return expect.toSatisfy(
    (fact: StoredFact) => {
      if (fact.kind === 'wait') return type === 'wait' && fact.reason === Object.values(details)[0];
      return payload.asymmetricMatch(fact.kind === 'public' ? fact.payload : fact.command.payload);
    },
    `${type} ${JSON.stringify(details)}`,
  );
}

export interface ReplyCase {
  readonly description: string;
  readonly given: Given | readonly Given[];
  /** As far as order reads it. */
  readonly payload: { readonly type: Said } & Readonly<Record<string, unknown>>;
  readonly unread?: object;
  /** What the participant said about the order before it. */
  readonly after?: readonly Said[];
  readonly consume: ReturnType<typeof orderAfter>;
  readonly leadsTo: object;
}

/** Declares a participant's answer to the command FICTION.causationId. */
export function replyInteraction(
  contract: ContractInMaking,
  { payload, unread = {}, after = [], leadsTo, ...about }: ReplyCase,
): void {
  recordInteraction(contract, {
    ...about,
    after,
    topic: `${contract.provider}.events`,
    key: orderId,
    headers: { eventType: payload.type, traceparent: aTraceparent() },
    value: { messageId: anId(), orderId, causationId, payload },
    unread: { jobId, occurredAt: AN_INSTANT_MS, payload: unread },
    expect: (outcome) => expect(outcome).toMatchObject(leadsTo),
  });
}

/** Declares an event that answers nothing, and that order has to bear. */
export function otherInteraction(
  contract: ContractInMaking,
  about: Pick<ReplyCase, 'description' | 'given' | 'payload' | 'after'> & {
    readonly key: string;
    /** The fields by which order sees that it answers nothing. */
    readonly value: Readonly<Record<string, unknown>>;
    readonly unread?: object;
    readonly reason: string;
  },
): void {
  const { payload, reason, unread = {}, ...rest } = about;
  recordInteraction(contract, {
    ...rest,
    topic: `${contract.provider}.events`,
    headers: { eventType: payload.type },
    unread: {
      ...{ messageId: AN_ID, jobId: null, orderId, causationId: null, occurredAt: AN_INSTANT_MS },
      ...unread,
      payload,
    },
    consume: orderAfter(),
    expect: (outcome) =>
      expect(outcome).toMatchObject({
        kind: 'done',
        value: { became: 'handled', appended: [], ignored: [reason] },
      }),
  });
}
