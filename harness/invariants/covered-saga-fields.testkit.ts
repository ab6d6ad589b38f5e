import { type Covered, under } from '../checker/testing/covered.ts';

const OUTCOMES = /^order\.events Order(Approved|Rejected|Cancelled)$/;
const UPDATES = /^job\.updates /;
const SAGA_UPDATES = /^job\.updates (?!DOMAIN_EVENT)/;
const COMMANDS = /^(inventory|payment|shipping)\.commands /;
const REPLIES =
  /^(inventory|payment|shipping)\.events (Stock(Reserved|Released|Restocked)|Payment|Shipment)/;
const EFFECTS =
  /\.events (Stock(Reserved|Released|Restocked)|Payment(?!Declined)|Shipment(Scheduled|Cancelled))/;
const PARTICIPANTS = /^(inventory|payment|shipping)\.events /;
const LINES = ['sku', 'quantity', 'unitPrice.minorUnits'];
const ADDRESS = ['recipient', 'street', 'city', 'postalCode', 'country'];

/** What invariants about commands, sagas and participants cover. */
export const COVERED_SAGA_FIELDS: Readonly<Record<string, Covered>> = {
  'exactly-one-outcome': {
    covers: [
      { records: OUTCOMES, fields: ['topic', 'value.jobId', 'value.payload.type'] },
      {
        records: /^job\.updates (SUCCEEDED|FAILED)$/,
        fields: ['topic', 'value.jobId', 'value.kind'],
      },
      { records: /^ok (place|cancel)-order$/, fields: ['jobId'] },
    ],
  },
  'no-acknowledged-command-lost': {
    covers: [
      {
        records: /^invoke place-order$/,
        fields: ['userId', ...under('request.json.lines', LINES)],
      },
      { records: /^ok (place|cancel)-order$/, fields: ['jobId', 'orderId'] },
      {
        records: /^order\.events (OrderPlaced|OrderCancellationRequested)$/,
        fields: ['topic', 'value.userId', 'value.jobId', 'value.orderId', 'value.payload.type'],
      },
      { records: /^order\.events OrderPlaced$/, fields: under('value.payload.lines', LINES) },
      {
        records: /^eventstore (OrderPlaced|OrderCancellationRequested)$/,
        fields: ['stream', 'eventType'],
      },
    ],
  },
  'no-leaked-job': {
    covers: [
      { records: /^ok (place|cancel)-order$/, fields: ['jobId'] },
      { records: /^state job$/, fields: ['key'] },
    ],
  },
  'job-monotone': {
    covers: [
      {
        records: UPDATES,
        fields: [
          'topic',
          'partition',
          'value.jobId',
          'value.sequence',
          'value.state',
          ...under('value.previousSequences', ['outcome', 'progress', 'detail']),
        ],
      },
      { records: /^state job$/, fields: ['value.state', 'value.sequence'] },
    ],
  },
  'job-updates-match-saga': {
    covers: [
      {
        records: /^order\.events /,
        fields: ['topic', 'value.messageId', 'value.jobId', 'value.payload.type'],
      },
      {
        records: /^order\.events SagaStep/,
        fields: ['value.payload.step', 'value.payload.reason'],
      },
      {
        records: SAGA_UPDATES,
        fields: ['topic', 'value.jobId', 'value.kind', 'value.causationId', 'value.step'],
      },
    ],
  },
  'at-most-one-effect': {
    // A broker delivers at least once: each record comes twice, and has to be the same.
    prepare: (to) => {
      for (const { tag, event } of to.tagged()) if (event.type === 'kafka') to.again(tag);
    },
    covers: [
      {
        records: /^[a-z]+\.(events|updates|commands|connections) /,
        fields: [
          'topic',
          'key',
          'value.messageId',
          'value.orderId',
          'value.jobId',
          'value.userId',
          'value.causationId',
          'value.sequence',
          'value.occurredAt',
          'value.payload.type',
          'value.payload.reason',
          'value.payload.step',
          'value.payload.amount.minorUnits',
          'value.payload.amount.currency',
          'value.payload.effective',
          'value.payload.address.city',
          'value.payload.cardToken',
          ...under('value.payload.lines', LINES.slice(0, 2)),
        ],
      },
    ],
  },
  'fulfilment-matches-order': {
    covers: [
      {
        records: /^invoke place-order$/,
        fields: ['request.json.cardToken', ...under('request.json.address', ADDRESS)],
      },
      {
        records: /^order\.events OrderPlaced$/,
        fields: [...under('value.payload.lines', LINES), 'value.payload.total.minorUnits'],
      },
      { records: /^order\.events OrderApproved$/, fields: ['value.payload.total.minorUnits'] },
      {
        records: /(ReserveStock|StockReserved|ScheduleShipment)$/,
        fields: ['value.payload.lines.sku', 'value.payload.lines.quantity'],
      },
      { records: /ScheduleShipment$/, fields: under('value.payload.address', ADDRESS) },
      {
        records: /payment\.\w+ (AuthorizePayment|PaymentAuthorized|PaymentCaptured)$/,
        fields: ['value.payload.amount.minorUnits', 'value.payload.cardToken'],
      },
    ],
  },
  'no-oversell': {
    covers: [
      { records: /inventory\.events StockReceived$/, fields: ['value.payload.quantity'] },
      {
        records: /inventory\.events Stock(Reserved|Released|Restocked)$/,
        fields: ['value.payload.lines.sku', 'value.payload.lines.quantity'],
      },
      {
        records: /inventory\.events Stock(Released|Restocked)$/,
        fields: ['topic', 'value.orderId', 'value.payload.type', 'value.payload.effective'],
      },
      { records: /^state stock$/, fields: under('value', ['received', 'reserved', 'available']) },
    ],
  },
  'money-conserved': {
    covers: [
      { records: /^order\.events OrderPlaced$/, fields: ['value.payload.total.minorUnits'] },
      {
        records: /payment\.events Payment(Authorized|Captured|Voided|Refunded)$/,
        fields: ['topic', 'value.orderId', 'value.payload.type', 'value.payload.amount.minorUnits'],
      },
      {
        records: /payment\.events Payment(Voided|Refunded)$/,
        fields: ['value.payload.effective'],
      },
      { records: /^state card$/, fields: ['value.held', 'value.captured'] },
    ],
  },
  'saga-step-order': {
    covers: [
      {
        records: /^order\.events SagaStepCompleted$/,
        fields: ['topic', 'value.orderId', 'value.payload.type', 'value.payload.step'],
      },
      { records: /^order\.events SagaStepFailed$/, fields: ['value.payload.step'] },
    ],
  },
  'commands-answered': {
    covers: [
      { records: COMMANDS, fields: ['value.messageId', 'value.payload.type', 'value.orderId'] },
      {
        records: REPLIES,
        fields: ['topic', 'value.orderId', 'value.payload.type', 'value.causationId'],
      },
    ],
  },
  compensations: {
    covers: [
      { records: EFFECTS, fields: ['topic', 'value.orderId', 'value.payload.type'] },
      {
        records: /\.events (StockReleased|StockRestocked|PaymentVoided|PaymentRefunded)$/,
        fields: ['value.payload.effective'],
      },
      { records: /^order\.events SagaStepCompensated$/, fields: ['value.payload.step'] },
    ],
  },
  'outbox-conservation': {
    covers: [
      { records: PARTICIPANTS, fields: ['topic', 'key', 'headers.id', 'value.payload.type'] },
      {
        records: /^state outbox$/,
        fields: ['key', ...under('value', ['topic', 'recordKey', 'eventType'])],
      },
    ],
  },
};
