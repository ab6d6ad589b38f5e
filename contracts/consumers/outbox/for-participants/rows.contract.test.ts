import { expect } from 'vitest';
import type { TopicValues } from '#avro/types.generated.ts';
import { contractBetween, type Given, published } from '#harness/contracts/consumer/contract.ts';
import { AN_INSTANT_MS, LINES, TOTAL, TRACE_ID } from '#harness/contracts/consumer/examples.ts';
import { exchangeInteraction } from '#harness/contracts/consumer/message.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import type { OutboxRow, OutboxStep } from '#harness/pacts/outbox-interaction.ts';
import {
  type Announced,
  type EventTopic,
  readBack,
  recordOf,
  rowOf,
} from '../../outbox.testkit.ts';

const { cardToken, causationId, jobId, messageId, orderId, socketId } = FICTION;

const contract = contractBetween({ consumer: 'participants', provider: 'outbox' });

const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

/** An event of a participant, in the trace of the command that led to it. */
function announced<T extends EventTopic>(
  topic: T,
  payload: TopicValues[T]['payload'],
  more: { readonly messageId?: string; readonly traceparent?: null } = {},
): Announced {
  const id = more.messageId ?? messageId;
  const about = { jobId, orderId, causationId, occurredAt: AN_INSTANT_MS };
  const value = { messageId: id, ...about, payload } as TopicValues[EventTopic];
  return { topic, key: orderId, value, traceparent: more.traceparent ?? TRACEPARENT };
}

const RESERVED = { type: 'StockReserved', lines: LINES } as const;
const reserved = announced('inventory.events', RESERVED);
const released = announced(
  'inventory.events',
  { type: 'StockReleased', effective: true, lines: LINES },
  { messageId: socketId },
);
const untraced = { ...reserved, traceparent: null };

interface Case {
  readonly description: string;
  readonly given?: Given;
  readonly database?: string;
  readonly steps: readonly OutboxStep[];
  /** What crosses, in this order. */
  readonly crosses: readonly Announced[];
}

const READS = 'Debezium reads the outbox';

/** Declares the records that rows lead to: exactly the announced ones. */
async function outboxInteraction(about: Case): Promise<void> {
  const { description, given = READS, database = 'inventory', steps, crosses } = about;
  exchangeInteraction(contract, {
    description,
    given,
    request: { protocol: 'outbox', database, steps },
    answer: { records: await Promise.all(crosses.map(recordOf)) },
    consume: (_, answer) => readBack(answer),
    expect: (outcome) =>
      expect(outcome).toEqual({
        kind: 'done',
        value: crosses.map(({ topic, value, traceparent }) => ({
          ...{ topic, value, traceId: traceparent === null ? expect.anything() : TRACE_ID },
        })),
      }),
  });
}

const insert = (row: OutboxRow, transaction = 'one'): OutboxStep => ({ transaction, insert: row });
const commit = (transaction = 'one'): OutboxStep => ({ transaction, ends: 'commit' });

const PARTICIPANTS = [
  reserved,
  announced('payment.events', { type: 'PaymentAuthorized', cardToken, amount: TOTAL }),
  announced('shipping.events', { type: 'ShipmentScheduled', trackingNumber: 'SP1' }),
];

for (const one of PARTICIPANTS) {
  const database = one.topic.replace('.events', '');
  await outboxInteraction({
    description: `a row of ${database}`,
    database,
    steps: [insert(await rowOf(one)), commit()],
    crosses: [one],
  });
}

await outboxInteraction({
  description: 'a row that no trace led to',
  steps: [insert(await rowOf(untraced)), commit()],
  crosses: [untraced],
});

await outboxInteraction({
  description: 'a row with an unknown column',
  given: 'the outbox has an unknown column',
  steps: [insert({ ...(await rowOf(reserved)), note: 'by another kit' }), commit()],
  crosses: [reserved],
});

await outboxInteraction({
  description: 'rows of one transaction, in the order in which they were written',
  steps: [insert(await rowOf(reserved)), insert(await rowOf(released)), commit()],
  crosses: [reserved, released],
});

await outboxInteraction({
  description: 'rows of one order in two transactions, in the order of their commits',
  steps: [
    insert(await rowOf(released), 'the slow one'),
    insert(await rowOf(reserved), 'the fast one'),
    commit('the fast one'),
    commit('the slow one'),
  ],
  crosses: [reserved, released],
});

await outboxInteraction({
  description: 'a row that was rolled back, and one that was not',
  steps: [
    insert(await rowOf(reserved), 'the one that fails'),
    { transaction: 'the one that fails', ends: 'rollback' },
    insert(await rowOf(released)),
    commit(),
  ],
  crosses: [released],
});

await outboxInteraction({
  description: 'a row that is deleted, at once or later',
  steps: [
    insert(await rowOf(reserved)),
    { transaction: 'one', delete: reserved.value.messageId },
    commit(),
    insert(await rowOf(released)),
    commit(),
    { transaction: 'the sweep', delete: released.value.messageId },
    commit('the sweep'),
  ],
  crosses: [reserved, released],
});

await outboxInteraction({
  description: 'rows that are written while Debezium is away',
  given: 'Debezium is away until everything is written',
  steps: [insert(await rowOf(reserved)), commit(), insert(await rowOf(released)), commit()],
  crosses: [reserved, released],
});

exchangeInteraction(contract, {
  description: 'a second row with the id of the first',
  given: READS,
  request: {
    ...{ protocol: 'outbox', database: 'inventory' },
    steps: [insert(await rowOf(reserved)), commit(), insert(await rowOf(reserved)), commit()],
  },
  answer: { refused: '23505' },
  // The transaction fails as a whole: nothing is announced twice.
  consume: (_, answer) => rowOf(reserved, String(answer['refused'])),
  expect: (outcome) => expect(outcome).toMatchObject({ kind: 'failed', error: { code: '23505' } }),
});

published(contract);
