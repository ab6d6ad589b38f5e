import type { TopicValues } from '#avro/types.generated.ts';
import { SCHEMA_ID } from '#harness/contracts/consumer/topic-schema.ts';
import type { OutboxAnswer, OutboxRecord, OutboxRow } from '#harness/pacts/outbox-interaction.ts';
import { createCodec } from '#kit/avro.ts';
import { consumeRecord, currentTraceId, traceOnce } from '#kit/consumer.testkit.ts';
import { appendOutbox } from '#kit/outbox.ts';
import type { Transaction } from '#kit/postgres.ts';
import { withTraceparent } from '#kit/telemetry.ts';

const TOPICS = ['inventory.events', 'payment.events', 'shipping.events'] as const;
export type EventTopic = (typeof TOPICS)[number];

/** An event that a participant publishes. */
export interface Announced {
  readonly topic: EventTopic;
  readonly key: string;
  readonly value: TopicValues[EventTopic];
  readonly traceparent: string | null;
}

const codec = await createCodec(TOPICS, {
  idOf: async () => SCHEMA_ID,
  schemaById: async () => undefined,
});

const COLUMNS = ['id', 'aggregatetype', 'aggregateid', 'type', 'payload', 'traceparent'];

/**
 * The row that the participants' kit writes.
 *
 * @param refusal SQLSTATE with which the table refuses it
 */
export async function rowOf(
  { topic, key, value, traceparent }: Announced,
  refusal?: string,
): Promise<OutboxRow> {
  let row: OutboxRow | undefined;
  const tx = {
    run: (_: string, values: readonly unknown[] = []) => {
      if (refusal !== undefined) throw Object.assign(new Error('refused'), { code: refusal });
      const texts = values.map((one) => (Buffer.isBuffer(one) ? one.toString('base64') : one));
      row = Object.fromEntries(COLUMNS.map((column, index) => [column, texts[index]])) as never;
    },
  } as unknown as Transaction;
  traceOnce();
  await withTraceparent(traceparent ?? undefined, () =>
    appendOutbox(tx, codec, { topic, key, value: value as never }),
  );
  if (row === undefined) throw new Error('the kit wrote no row');
  if (row['traceparent'] !== traceparent) {
    throw new Error(`the row is in trace ${row['traceparent']}, and not in ${traceparent}`);
  }
  return row;
}

/** The record that has to come of it: the row's bytes, under its key, where its readers look. */
export async function recordOf(announced: Announced): Promise<OutboxRecord> {
  const { topic, key, value, traceparent } = announced;
  const { payload } = await rowOf(announced);
  const id = value.messageId;
  const headers = { id, eventType: value.payload.type, ...(traceparent && { traceparent }) };
  return { topic, key, headers, value: payload };
}

/** What consumers make of the records. */
export async function readBack(answer: OutboxAnswer): Promise<unknown> {
  const read: unknown[] = [];
  for (const { topic, key, headers, value } of answer.records ?? []) {
    const record = { topic, key: key ?? '', headers, bytes: Buffer.from(value, 'base64') };
    await consumeRecord(record, [topic as EventTopic], async (message) => {
      read.push({ topic, value: message.value, traceId: currentTraceId() });
    });
  }
  return read;
}
