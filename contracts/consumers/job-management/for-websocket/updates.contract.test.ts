import { expect } from 'vitest';
import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import {
  AN_ID,
  AN_INSTANT_MS,
  anInstant,
  aTraceparent,
  TRACE_ID,
} from '#harness/contracts/consumer/examples.ts';
import { type ContractRecord, recordInteraction } from '#harness/contracts/consumer/record.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { consumeRecord } from '#kit/consumer.testkit.ts';
import { testContext } from '#kit/context.testkit.ts';
import { logUpdates } from '../../../../reference-services/websocket/adapters/kafka.ts';
import { MemoryUpdateLog } from '../../../../reference-services/websocket/adapters/memory-log.ts';
import { UpdateNode } from '../../../../reference-services/websocket/app.ts';
import { UpdateLogging } from '../../../../reference-services/websocket/app-logging.ts';
import type { Frame, JobUpdate, Level } from '../../../../reference-services/websocket/domain.ts';
import type { SocketRegistry } from '../../../../reference-services/websocket/ports.ts';

const { jobId, orderId, userId } = FICTION;
const LEVELS: readonly Level[] = ['outcome', 'progress', 'detail'];

const contract = contractBetween({ consumer: 'websocket', provider: 'job-management' });

/** What the user's sockets get, one at each level, and a socket of another user. */
async function delivering(record: ContractRecord): Promise<unknown> {
  await using context = testContext();
  const log = new MemoryUpdateLog((hint) => node.offer(hint));
  const { clock, ids } = context;
  const onFailure = (error: unknown) => {
    throw error;
  };
  const node = new UpdateNode({ nodeId: 'node', registry, log, clock, ids, onFailure });
  const seen: Record<string, Frame[]> = {};
  const watch = async (name: string, user: string, level: Level) => {
    const frames: Frame[] = [];
    seen[name] = frames;
    const socket = { ...{ socketId: name, userId: user }, nodeId: 'node', connectedAtMs: 0 };
    const outbound = {
      send: (frame: Frame) => void frames.push(inTrace(frame)),
      room: async () => undefined,
      close: () => undefined,
    };
    const session = node.open(socket, outbound);
    await node.receive(session, { type: 'subscribe', requestId: 'all', level });
    frames.length = 0;
  };
  for (const level of LEVELS) await watch(level, userId, level);
  await watch('stranger', FICTION.strangerId, 'detail');
  const history = { replay: async () => undefined };
  const logging = new UpdateLogging({ log, history, offer: () => undefined });
  const { handle } = logUpdates(logging, context);
  const became = await consumeRecord(record, ['job.updates'], handle);
  return { became, seen, logged: sequencesOf(await log.read(jobId, 0, 10)) };
}

/** Sockets need no registry to get what is offered to them. */
const registry = { subscribeAll: async () => '0-0' } as unknown as SocketRegistry;

/** Each record is handled in a span of its own. */
const inTrace = (frame: Frame): Frame => {
  const { traceparent } = frame as { readonly traceparent?: string };
  return { ...frame, traceparent: traceparent?.split('-')[1] } as Frame;
};

const sequencesOf = (entries: ReadonlyArray<{ readonly update: JobUpdate }>) =>
  entries.map(({ update }) => update.sequence);

type Said = Pick<JobUpdate, 'kind' | 'level' | 'state' | 'sequence'> &
  Partial<Pick<JobUpdate, 'step' | 'reason' | 'detail'>>;

interface Update {
  readonly description: string;
  readonly given: string;
  readonly says: Said;
  readonly after?: readonly string[];
  /** What subscribers saw before, by level: only of levels that see this one. */
  readonly previous: Partial<JobUpdate['previousSequences']>;
}

const ranks: Readonly<Record<JobUpdate['level'], number>> = { OUTCOME: 0, PROGRESS: 1, DETAIL: 2 };

/** Says what an update has to tell, and that those see it who shall. */
function update({ description, given, says, after = [], previous }: Update): void {
  const { kind, level, state, sequence, ...more } = says;
  const isExpiry = kind === 'EXPIRED';
  const texts = { step: null, reason: null, detail: null, ...more };
  recordInteraction(contract, {
    description,
    given,
    topic: 'job.updates',
    key: jobId,
    headers: { eventType: kind, traceparent: aTraceparent() },
    value: {
      ...{ jobId, userId, orderId, sequence, previousSequences: previous },
      ...{ level, kind, state, occurredAt: anInstant() },
      ...(isExpiry ? {} : texts),
    },
    unread: {
      ...{ messageId: AN_ID, causationId: AN_ID, ...texts },
      previousSequences: { outcome: 0, progress: 0, detail: 0 },
    },
    after,
    consume: delivering,
    expect: (outcome) => {
      const frames = LEVELS.map((at, index) =>
        index < ranks[level]
          ? [at, []]
          : [
              at,
              [
                {
                  ...{ type: isExpiry ? 'expired' : 'update', jobId, orderId, sequence, state },
                  ...(isExpiry ? {} : { kind, ...texts }),
                  ...{ level: level.toLowerCase(), previousSequence: previous[at] },
                  occurredAt: new Date(AN_INSTANT_MS).toISOString(),
                  traceparent: TRACE_ID,
                },
              ],
            ],
      );
      expect(outcome).toEqual({
        kind: 'done',
        value: {
          became: 'handled',
          seen: { ...Object.fromEntries(frames), stranger: [] },
          logged: [sequence],
        },
      });
    },
  });
}

const FAILED = 'the job has failed after a retry, and was undone';

update({
  description: 'the start of an order’s job',
  given: FAILED,
  says: { kind: 'STARTED', level: 'PROGRESS', state: 'RUNNING', sequence: 1 },
  previous: { progress: 0, detail: 0 },
});

update({
  description: 'a step that is done',
  given: FAILED,
  after: ['STARTED'],
  says: {
    ...{ kind: 'STEP_COMPLETED', level: 'PROGRESS', state: 'RUNNING', sequence: 2 },
    step: 'RESERVE_STOCK',
  },
  previous: { progress: 1, detail: 1 },
});

update({
  description: 'a step that is tried again',
  given: FAILED,
  after: ['STARTED', 'STEP_COMPLETED'],
  says: {
    ...{ kind: 'STEP_RETRIED', level: 'DETAIL', state: 'RUNNING', sequence: 3 },
    ...{ step: 'AUTHORIZE_PAYMENT', reason: 'step-timed-out' },
  },
  previous: { detail: 2 },
});

update({
  description: 'a step that failed',
  given: FAILED,
  after: ['STARTED', 'STEP_COMPLETED', 'STEP_RETRIED'],
  says: {
    ...{ kind: 'STEP_FAILED', level: 'PROGRESS', state: 'RUNNING', sequence: 4 },
    ...{ step: 'AUTHORIZE_PAYMENT', reason: 'card-declined' },
  },
  previous: { progress: 2, detail: 3 },
});

update({
  description: 'the start of compensations',
  given: FAILED,
  after: ['STARTED', 'STEP_COMPLETED', 'STEP_RETRIED', 'STEP_FAILED'],
  says: {
    ...{ kind: 'COMPENSATING', level: 'DETAIL', state: 'COMPENSATING', sequence: 5 },
    reason: 'card-declined',
  },
  previous: { detail: 4 },
});

update({
  description: 'a step that was undone',
  given: FAILED,
  after: ['STARTED', 'STEP_COMPLETED', 'STEP_RETRIED', 'STEP_FAILED', 'COMPENSATING'],
  says: {
    ...{ kind: 'STEP_COMPENSATED', level: 'DETAIL', state: 'COMPENSATING', sequence: 6 },
    step: 'RESERVE_STOCK',
  },
  previous: { detail: 5 },
});

update({
  description: 'the failure of an order’s job',
  given: FAILED,
  after: [
    ...['STARTED', 'STEP_COMPLETED', 'STEP_RETRIED', 'STEP_FAILED'],
    ...['COMPENSATING', 'STEP_COMPENSATED'],
  ],
  says: {
    ...{ kind: 'FAILED', level: 'OUTCOME', state: 'FAILED', sequence: 7 },
    reason: 'card-declined',
  },
  previous: { outcome: 0, progress: 4, detail: 6 },
});

update({
  description: 'an event of a participant',
  given: 'a participant has reserved the stock of the job',
  after: ['STARTED'],
  says: {
    ...{ kind: 'DOMAIN_EVENT', level: 'DETAIL', state: 'RUNNING', sequence: 2 },
    detail: 'StockReserved',
  },
  previous: { detail: 1 },
});

update({
  description: 'a refusal of a participant',
  given: 'a participant has refused the stock of the job',
  after: ['STARTED'],
  says: {
    ...{ kind: 'DOMAIN_EVENT', level: 'DETAIL', state: 'RUNNING', sequence: 2 },
    ...{ detail: 'StockReservationRefused', reason: 'out-of-stock' },
  },
  previous: { detail: 1 },
});

update({
  description: 'the success of an order’s job',
  given: 'the job has succeeded',
  after: ['STARTED', ...Array.from({ length: 4 }, () => 'STEP_COMPLETED')],
  says: { kind: 'SUCCEEDED', level: 'OUTCOME', state: 'SUCCEEDED', sequence: 6 },
  previous: { outcome: 0, progress: 5, detail: 5 },
});

update({
  description: 'the success of a cancellation’s job',
  given: 'the cancellation that the job runs is done',
  after: ['STARTED'],
  says: { kind: 'SUCCEEDED', level: 'OUTCOME', state: 'SUCCEEDED', sequence: 2 },
  previous: { outcome: 0, progress: 1, detail: 1 },
});

update({
  description: 'the failure of a cancellation’s job',
  given: 'the cancellation that the job runs is refused',
  after: ['STARTED'],
  says: {
    ...{ kind: 'FAILED', level: 'OUTCOME', state: 'FAILED', sequence: 2 },
    reason: 'shipment-dispatched',
  },
  previous: { outcome: 0, progress: 1, detail: 1 },
});

update({
  description: 'the end of a job that never started',
  given: 'the job has expired',
  says: { kind: 'EXPIRED', level: 'OUTCOME', state: 'ISSUED', sequence: 1 },
  previous: { outcome: 0, progress: 0, detail: 0 },
});

published(contract);
