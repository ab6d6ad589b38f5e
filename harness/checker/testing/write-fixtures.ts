/**
 * Writes the committed fixtures: `node harness/checker/testing/write-fixtures.ts`. A test tells
 * when they are not what this writes.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { HistoryEvent } from '../../history/event.ts';
import type { HistoryBuilder } from './history-builder.ts';
import { goodStory } from './story.ts';

/** Ids as real systems have them, and the same each time. */
export function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Its lines add up to twice as much. */
const UNDERPRICED = {
  type: 'OrderPlaced',
  lines: [{ sku: 'sku-a', quantity: 2, unitPrice: { currency: 'JPY', minorUnits: 1_000 } }],
  total: { currency: 'JPY', minorUnits: 1_000 },
};

/** So that every deadline has passed. */
const LATER = { atMs: Date.UTC(2030, 0) };
const TOKEN = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyLWEifQ.${'s'.repeat(40)}`;
const PROBE = { type: 'health', instance: 'order-1', probe: 'readyz' } as const;

/**
 * Each fixture is the good story, edited; the bad ones break the promise that they are named by.
 */
const FIXTURES: Readonly<Record<string, (to: HistoryBuilder) => unknown>> = {
  good: () => undefined,
  'bad-exactly-one-outcome': (to) =>
    to.again('a.update.SUCCEEDED', {
      headers: { id: uuidOf('other') },
      value: { messageId: uuidOf('other'), kind: 'FAILED', state: 'FAILED', sequence: 11 },
    }),
  'bad-no-acknowledged-command-lost': (to) => to.without('a.OrderPlaced'),
  'bad-no-leaked-job': (to) =>
    to.edit('a.place.ok', { type: 'fail', status: 503, code: 'unavailable', jobId: undefined }),
  'bad-job-monotone': (to) => to.without('a.RESERVE_STOCK.update.STEP_COMPLETED'),
  'bad-at-most-one-effect': (to) =>
    to.again('a.place.invoke', { operation: 'again' }).again('a.place.ok', {
      operation: 'again',
      jobId: uuidOf('other'),
      orderId: uuidOf('other order'),
    }),
  'bad-no-oversell': (to) =>
    to.edit('state.stock.a', { value: { received: 2, reserved: 3, available: -1 } }),
  'bad-money-conserved': (to) => to.without('c.cancel.REFUND_PAYMENT.event'),
  'bad-compensations': (to) => to.without('r.undo-RESERVE_STOCK.event'),
  'bad-outbox-conservation': (to) => to.without('a.SCHEDULE_SHIPMENT.event'),
  'bad-event-store-matches-kafka': (to) => to.without('a.OrderApproved'),
  'bad-ws-isolation': (to) => to.without('a.socket.subscribe'),
  'bad-ws-delivery-complete': (to) => to.without('a.AUTHORIZE_PAYMENT.frame.STEP_COMPLETED'),
  'bad-read-model-equals-fold': (to) =>
    to.edit('state.read-model.c', { value: { status: 'APPROVED' } }),
  'bad-exactly-once-notification': (to) => to.again('a.notification', { key: uuidOf('other') }),
  'bad-trace-unbroken': (to) =>
    to.edit('a.RESERVE_STOCK.event', { headers: { traceparent: undefined } }),
  'bad-no-leaked-resources': (to) =>
    to.edit('state.payment.r', { value: { status: 'AUTHORIZED' } }),
  'bad-schema-conformance': (to) => to.edit('a.update.STARTED', { value: { orderId: null } }),
  'bad-job-updates-match-saga': (to) =>
    to.edit('a.RESERVE_STOCK.update.STEP_COMPLETED', { value: { step: 'CAPTURE_PAYMENT' } }),
  'bad-fulfilment-matches-order': (to) =>
    to.edit('a.OrderPlaced', { value: { payload: UNDERPRICED } }),
  'bad-saga-step-order': (to) => to.without('a.AUTHORIZE_PAYMENT.SagaStepCompleted'),
  'bad-commands-answered': (to) =>
    to.edit('a.RESERVE_STOCK.event', {
      value: { payload: { type: 'StockReleased', effective: true, lines: [] } },
    }),
  'bad-rest-isolation': (to) => to.edit('a.get-job.invoke', { userId: uuidOf('user-r') }),
  'bad-presence-events-complete': (to) => to.without('a.CONNECTED').edit('closed.spans', LATER),
  'bad-mails-match-outcomes': (to) => to.without('a.mail').edit('closed.spans', LATER),
  'bad-secrets-confined': (to) =>
    to.edit('a.place.span.gateway', { attributes: { 'http.header': `Bearer ${TOKEN}` } }),
  'bad-metrics-consistent': (to) =>
    to.edit('metrics.last', { counters: { 'requests_total{outcome="ok"}': 0 } }),
  'bad-health-matches-faults': (to) =>
    to
      .after('scenario.end', 'red', { ...PROBE, outcome: 'failing', status: 503 })
      .after('red', 'green', { ...PROBE, outcome: 'ok' })
      .edit('green', LATER)
      .edit('closed.spans', LATER),
  'unknown-source-missing': (to) => to.without('closed.kafka'),
};

const path = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}.jsonl`, import.meta.url));

/** Every fixture's path and text. */
export function fixtures(): ReadonlyArray<{ name: string; path: string; text: string }> {
  const written = Object.entries(FIXTURES).map(([name, edit]) => {
    const { to } = goodStory(uuidOf);
    edit(to);
    return { name, path: path(name), text: linesOf(to.build()) };
  });
  const good = written.find(({ name }) => name === 'good')?.text ?? '';
  const torn = { name: 'unknown-torn', path: path('unknown-torn'), text: good.slice(0, 60_000) };
  const empty = { name: 'unknown-empty', path: path('unknown-empty'), text: '' };
  return [...written, torn, empty];
}

const linesOf = (events: readonly HistoryEvent[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join('');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path: file, text } of fixtures()) writeFileSync(file, text);
}
