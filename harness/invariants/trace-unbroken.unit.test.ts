import { expect, it } from 'vitest';
import { describeInvariant, judge } from '../checker/testing/judge.ts';
import { goodStory } from '../checker/testing/story.ts';
import { traceUnbroken } from './trace-unbroken.ts';

const OTHER = `00-${'b'.repeat(32)}-${'b'.repeat(16)}-01`;

describeInvariant(
  traceUnbroken,
  [
    {
      anomaly: 'a record that carries no trace',
      edit: (to) => to.edit('a.RESERVE_STOCK.event', { headers: { traceparent: undefined } }),
      says: /Job job-a: inventory.events carries no trace/,
      shows: ['a.place.ok', 'a.RESERVE_STOCK.event'],
    },
    {
      anomaly: 'a record that begins another trace',
      edit: (to) => to.edit('a.RESERVE_STOCK.command', { headers: { traceparent: OTHER } }),
      says: /Job job-a was asked for in trace a\w+; inventory.commands is in trace bbbb/,
      shows: ['a.place.ok', 'a.RESERVE_STOCK.command'],
    },
    {
      anomaly: 'a frame that carries no trace',
      edit: (to) => to.edit('a.frame.SUCCEEDED', { message: { traceparent: null } }),
      says: /Job job-a: a frame carries no trace/,
      shows: ['a.place.ok', 'a.frame.SUCCEEDED'],
    },
    {
      anomaly: 'a frame of another trace',
      edit: (to) => to.edit('a.frame.SUCCEEDED', { message: { traceparent: OTHER } }),
      says: /Job job-a was asked for in trace a\w+; a frame is in trace bbbb/,
      shows: ['a.place.ok', 'a.frame.SUCCEEDED'],
    },
    {
      anomaly: 'a service without a span in the trace',
      edit: (to) => to.without('a.SCHEDULE_SHIPMENT.event.span'),
      says: /Job job-a: shipping published records of it, but has no span in trace/,
      shows: ['a.place.ok'],
    },
    {
      anomaly: "a gateway whose own span is missing, so that nothing hangs on the client's",
      edit: (to) => to.without('a.place.span.gateway'),
      says: /is broken at span "publish OrderPlaced" of order: its parent is missing/,
      shows: ['a.place.ok', 'a.span.OrderPlaced'],
    },
    {
      anomaly: 'a span whose parent is missing',
      edit: (to) => to.edit('a.RESERVE_STOCK.event.span', { parentSpanId: 'missing' }),
      says: /is broken at span "process inventory.events" of inventory: its parent is missing/,
      shows: ['a.place.ok', 'a.RESERVE_STOCK.event.span'],
    },
  ],
  [
    {
      legal: 'the span that the client itself began, which is not exported',
      edit: (to) => to.edit('a.place.span.gateway', { parentSpanId: 'client' }),
    },
    {
      legal: 'the trace of a request that was repeated with the same key',
      edit: (to) =>
        to
          .after('a.place.invoke', 'lost.info', { ...COMPLETED, type: 'info', operation: 'lost' })
          .after('a.place.invoke', 'lost', { ...LOST, operation: 'lost' })
          .edit('a.RESERVE_STOCK.command', { headers: { traceparent: OTHER } }),
    },
    {
      legal: 'the trace of a repetition, when the first request was refused',
      edit: (to) =>
        to
          .after('run', 'lost.info', { ...COMPLETED, type: 'info', operation: 'lost' })
          .after('run', 'lost', { ...LOST, operation: 'lost' }),
    },
    {
      legal: 'a saga whose parts are in the traces of two requests for it',
      edit: (to) =>
        to
          .after('a.place.invoke', 'again.ok', {
            ...COMPLETED,
            type: 'ok',
            operation: 'again',
            jobId: 'job-a',
            orderId: 'order-a',
          })
          .after('a.place.invoke', 'again', { ...LOST, operation: 'again' })
          .edit('a.RESERVE_STOCK.event.span', { traceId: 'b'.repeat(32), parentSpanId: undefined })
          .edit('a.RESERVE_STOCK.event', { headers: { traceparent: OTHER } }),
    },
    {
      legal: 'missing spans of a process that was killed',
      edit: (to) =>
        to.without('a.SCHEDULE_SHIPMENT.event.span').after('a.place.ok', 'killed', {
          type: 'process',
          instance: 'shipping-1',
          what: 'exited',
          signal: 'SIGKILL',
        }),
    },
  ],
);

const COMPLETED = { name: 'place-order', scenario: 'story', status: 0 } as const;
const LOST = {
  type: 'invoke',
  name: 'place-order',
  scenario: 'story',
  userId: 'user-a',
  idempotencyKey: 'key-a.place',
  traceId: 'b'.repeat(32),
} as const;

it('is partial for a subject that declares to have no tracing', () => {
  const { to } = goodStory();
  to.edit('run', {
    subjects: [{ service: 'shipping', version: '1', absentFeatures: ['tracing'] }],
  });
  expect(judge(traceUnbroken, to.build())).toMatchObject({
    verdict: 'unknown',
    reason: 'partial: shipping declares no tracing',
  });
});
