import { type Covered, under } from '../checker/testing/covered.ts';
import type { HistoryBuilder } from '../checker/testing/history-builder.ts';

const OUTCOMES = /^order\.events Order(Approved|Rejected|Cancelled)$/;
const UPDATES = /^job\.updates /;
const COMMANDS = /^(inventory|payment|shipping)\.commands /;
const LINES = ['sku', 'quantity', 'unitPrice.minorUnits'];

const NOTE = { note: 'plain-text' };

/** Lets every deadline pass before the end. */
const muchLater = (to: HistoryBuilder) => to.edit('closed.spans', { atMs: Date.UTC(2030, 0) });

/** What invariants about stored, published and shown data cover. */
export const COVERED_VIEW_FIELDS: Readonly<Record<string, Covered>> = {
  'event-store-matches-kafka': {
    covers: [
      {
        records: /^order\.events /,
        fields: [
          'topic',
          'partition',
          'key',
          'value.orderId',
          'value.sequence',
          'value.payload.type',
        ],
      },
      { records: COMMANDS, fields: ['topic', 'value.orderId', 'value.payload.type'] },
      { records: /^eventstore /, fields: ['stream', 'revision', 'eventType'] },
    ],
  },
  'read-model-equals-fold': {
    covers: [
      { records: /^order\.events OrderPlaced$/, fields: ['value.payload.total.minorUnits'] },
      { records: /^order\.events OrderRejected$/, fields: ['value.payload.reason'] },
      {
        records: /^state read-model$/,
        fields: ['key', ...under('value', ['userId', 'status', 'sequence', 'total.minorUnits'])],
      },
    ],
  },
  'rest-isolation': {
    covers: [
      { records: /^invoke (get-job|list-orders)$/, fields: ['userId'] },
      { records: /^order\.events OrderPlaced$/, fields: under('value.payload.lines', LINES) },
      {
        records: /^ok list-orders$/,
        fields: [...under('response.orders.lines', LINES), 'response.orders.total.minorUnits'],
      },
      { records: /^ok get-job$/, fields: ['response.state', 'response.sequence'] },
    ],
  },
  'ws-isolation': {
    covers: [
      { records: UPDATES, fields: ['value.level'] },
      { records: /^ws frame update$/, fields: ['userId', 'socket', 'message.jobId'] },
      {
        records: /^ws sent subscribe$/,
        fields: ['socket', 'message.type', 'message.level', 'message.jobId'],
      },
    ],
  },
  'ws-delivery-complete': {
    covers: [
      {
        records: UPDATES,
        fields: ['topic', 'value.jobId', 'value.sequence', 'value.kind', 'value.state'],
      },
      {
        records: /^ws frame update$/,
        fields: under('message', ['jobId', 'sequence', 'previousSequence', 'kind', 'state']),
      },
    ],
  },
  'presence-events-complete': {
    covers: [
      { records: /^ws open$/, fields: ['userId'] },
      {
        records: /^websocket\.connections CONNECTED$/,
        fields: ['topic', 'value.userId', 'value.kind'],
      },
    ],
  },
  'exactly-once-notification': {
    covers: [
      { records: OUTCOMES, fields: ['topic', 'value.orderId', 'value.payload.type'] },
      { records: /^state notification$/, fields: under('value', ['orderId', 'userId', 'outcome']) },
    ],
  },
  'mails-match-outcomes': {
    prepare: muchLater,
    covers: [
      {
        records: OUTCOMES,
        fields: ['topic', 'value.payload.type', 'value.payload.contactEmail'],
      },
      {
        records: /^order\.events OrderApproved$/,
        fields: ['value.payload.total.currency', 'value.payload.total.minorUnits'],
      },
      { records: /^order\.events OrderRejected$/, fields: ['value.payload.reason'] },
      { records: /^mail$/, fields: ['to', 'subject'] },
    ],
  },
  'trace-unbroken': {
    covers: [
      { records: /^invoke (place|cancel)-order$/, fields: ['traceId'] },
      {
        records:
          /^(order|inventory|payment|shipping)\.(events|commands) (?!StockReceived|CardRegistered)/,
        fields: ['headers.traceparent'],
        required: true,
      },
    ],
  },
  'no-leaked-resources': {
    covers: [
      {
        records: /^websocket\.connections /,
        fields: ['topic', 'value.socketId', 'value.kind'],
      },
    ],
  },
  'schema-conformance': {
    covers: [
      {
        records: /^[a-z]+\.(events|updates|commands|connections) /,
        fields: [
          'topic',
          'headers.id',
          'headers.eventType',
          'value.messageId',
          'value.payload.type',
        ],
        required: true,
      },
      { records: UPDATES, fields: ['value.level', 'value.state', 'value.kind'] },
      { records: /^ok get-job$/, fields: ['response.kind', 'response.state'], required: true },
      {
        records: /^ok place-order$/,
        fields: under('headers', ['content-type', 'location', 'x-trace-id', 'traceparent']),
        required: true,
      },
      { records: /^ws frame update$/, fields: ['message.kind', 'message.state', 'message.jobId'] },
    ],
  },
  'health-matches-faults': {
    prepare: (to) => to.edit('health.readyz.last', { atMs: Date.UTC(2030, 0) }),
    covers: [{ records: /^health$/, fields: ['outcome'] }],
  },
  'metrics-consistent': {
    covers: [{ records: /^metrics$/, fields: ['histograms.request_seconds.count'] }],
  },
  'secrets-confined': {
    // Every corruption of the note is a card, so each must be found where the note is.
    prepare: (to) => {
      for (const cardToken of ['xlain-text', 'plainxtext', 'plain-texx']) {
        to.after('scenario', cardToken, {
          type: 'invoke',
          operation: cardToken,
          name: 'register-card',
          scenario: 'story',
          request: { cardToken },
        });
      }
      to.edit('a.place.span.gateway', { attributes: NOTE })
        .edit('a.get-job', { headers: NOTE })
        .edit('a.frame.STARTED', { message: NOTE })
        .edit('a.OrderPlaced', { headers: NOTE, value: NOTE });
    },
    covers: [
      { records: /^span$/, fields: ['attributes.note'] },
      { records: /^ok get-job$/, fields: ['headers.note'] },
      { records: /^ws frame update$/, fields: ['message.note'] },
      { records: /^order\.events OrderPlaced$/, fields: ['headers.note', 'value.note'] },
    ],
  },
};
