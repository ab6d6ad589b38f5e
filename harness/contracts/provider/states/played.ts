import { v7 as uuidv7 } from 'uuid';
import type { FictionName, Names } from '../../fiction.ts';
import { FICTIONAL_ORDER, moneyOf } from '../../fictional-order.ts';
import type { StateContext } from '../state.ts';

/** A branch of a union: its type, and its fields. */
export type Payload = { readonly type: string } & Readonly<Record<string, unknown>>;

/** The fictional order with its real names, as records carry it. */
export function recordedOrder(names: Names) {
  const { address, cardToken, lines, total } = names.toReal(FICTIONAL_ORDER);
  const priced = lines.map((line) => ({ ...line, unitPrice: moneyOf(line.unitPrice) }));
  return {
    ...{ address, cardToken, priced, total: moneyOf(total) },
    lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
  };
}

const envelope = (names: Names, messageId: string = uuidv7()) => ({
  messageId,
  jobId: names.of('jobId'),
  orderId: names.of('orderId'),
  causationId: uuidv7(),
  occurredAt: Date.now(),
});

/** Sends a command to a participant, as order would. */
export async function command(
  { names, publish }: StateContext,
  participant: 'inventory' | 'payment' | 'shipping',
  payload: Payload,
  messageId?: string,
): Promise<void> {
  await publish({
    topic: `${participant}.commands`,
    key: names.of('orderId'),
    eventType: payload.type,
    value: { ...envelope(names, messageId), payload },
  });
}

/** Publishes events of the order, the first with the number `from`, as order would for a job. */
export async function orderEvents(
  { names, publish }: StateContext,
  payloads: readonly Payload[],
  { from = 1, job = 'jobId' }: { readonly from?: number; readonly job?: FictionName } = {},
): Promise<void> {
  for (const [index, payload] of payloads.entries()) {
    await publish({
      topic: 'order.events',
      key: names.of('orderId'),
      eventType: payload.type,
      value: {
        ...envelope(names),
        jobId: names.of(job),
        userId: names.of('userId'),
        sequence: from + index,
        payload,
      },
    });
  }
}

/** Answers a command that order has sent, as its participant would. */
export async function reply(
  { crossed, names, publish }: StateContext,
  participant: 'inventory' | 'payment' | 'shipping',
  commandType: string,
  payload: Payload,
): Promise<void> {
  const { value } = await crossed(commandType);
  await publish({
    topic: `${participant}.events`,
    key: names.of('orderId'),
    eventType: payload.type,
    value: {
      ...envelope(names),
      jobId: value?.['jobId'],
      causationId: value?.['messageId'],
      payload,
    },
  });
}
