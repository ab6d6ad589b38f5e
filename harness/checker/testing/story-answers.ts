import { type HistoryBuilder, traceparent } from './history-builder.ts';
import { type OrderStory, QUANTITY, TOTAL } from './story-types.ts';

/** The headers that every answer in JSON has. */
export const answerHeaders = (traceId: string): Readonly<Record<string, string>> => ({
  'content-type': 'application/json; charset=utf-8',
  'x-trace-id': traceId,
  traceparent: traceparent(traceId),
});

/** The user looks at the job and at their orders, when the saga has ended. */
export function tellAnswers(to: HistoryBuilder, order: OrderStory): void {
  const { name, job, orderId, userId, sku, reason } = order;
  const at = new Date(to.nowMs).toISOString();
  const ask = (tag: string, path: string, response: unknown) => {
    const operation = `op-${name}.${tag}`;
    const about = { operation, name: tag as 'get-job' | 'list-orders', scenario: 'story' };
    const request = { method: 'GET', path };
    to.add(`${name}.${tag}.invoke`, { type: 'invoke', ...about, userId, request });
    const headers = answerHeaders(job.traceId);
    to.add(`${name}.${tag}`, { type: 'ok', ...about, status: 200, response, headers });
  };
  ask('get-job', `/v1/jobs/${job.jobId}`, {
    jobId: job.jobId,
    kind: 'PLACE_ORDER',
    state: job.state,
    orderId,
    sequence: job.sequence,
    step: null,
    reason: reason === '' ? null : reason,
    issuedAt: at,
    updatedAt: at,
    expiresAt: at,
  });
  ask('list-orders', '/v1/customers/me/orders', {
    orders: [
      {
        orderId,
        status: order.status,
        lines: [{ sku, quantity: QUANTITY, unitPrice: { ...TOTAL, minorUnits: 1_000 } }],
        total: TOTAL,
        reason: reason === '' ? null : reason,
        placedAt: at,
        updatedAt: at,
        sequence: order.sequence,
      },
    ],
    nextPageToken: null,
  });
}
