import { z } from 'zod';
import { END_STATE_KINDS } from './end-state.ts';
import { anyRecord, attributes, count, decimal, eventKind, textRecord } from './event-kind.ts';
import { FaultChanged, WireOperation } from './fault-events.ts';
import {
  HealthSeen,
  LoadJobs,
  LoadResult,
  LoadSample,
  MetricsSeen,
  ResourceSample,
} from './sample-events.ts';
import { ALL_SOURCES } from './sources.ts';

/**
 * The schema of `history.jsonl`: one event is one line. The types in `event.ts`, the published
 * JSON schema and the check that the reader makes of each line are all derived from it.
 */

const RunStarted = eventKind('run-started', {
  schemaVersion: z.literal(1),
  run: z.string(),
  seed: z.string(),
  commit: z.string(),
  subjects: z
    .array(
      z.object({
        service: z.string(),
        version: z.string(),
        language: z.string().exactOptional(),
        manifest: z.string().exactOptional().describe('The path of its manifest.'),
        absentFeatures: z.array(z.string()).readonly(),
      }),
    )
    .readonly()
    .describe('Services under test that are not the reference services.'),
  bounds: z
    .object({
      terminalWithinMs: z
        .number()
        .describe("From an acknowledged command to its job's terminal update."),
    })
    .readonly()
    .describe('Limits that invariants check the run against.'),
}).describe('Opens a history.');

const ScenarioStarted = eventKind('scenario-started', { scenario: z.string() }).describe(
  'A scenario begins; all its events carry its name.',
);

const ScenarioEnded = eventKind('scenario-ended', {
  scenario: z.string(),
  outcome: z
    .enum(['passed', 'failed', 'partial', 'inconclusive'])
    .describe(
      '`partial`: skipped, because a subject declares a needed feature absent. `inconclusive`: a fault did not land, so it proves nothing.',
    ),
  message: z.string().exactOptional(),
});

const SourceClosed = eventKind('source-closed', {
  source: z.enum(ALL_SOURCES),
  state: z.enum(['complete', 'incomplete']),
  events: count,
  reason: z.string().exactOptional(),
}).describe(
  'A source was read up to the end of the run (`complete`), or could not be (`incomplete`). ' +
    'A source without this event was never recorded.',
);

const OPERATIONS = [
  'place-order',
  'cancel-order',
  'get-order',
  'get-job',
  'list-orders',
  'receive-stock',
  'register-card',
  'dispatch-shipment',
  'rebuild-projection',
  'other',
] as const;

const OperationInvoked = eventKind('invoke', {
  operation: z.string().describe('Pairs it with its completion; unique in the run.'),
  name: z.enum(OPERATIONS),
  scenario: z.string(),
  userId: z.string().exactOptional(),
  idempotencyKey: z.string().exactOptional().describe('Of commands: the Idempotency-Key sent.'),
  bodyDigest: z.string().exactOptional(),
  request: z.unknown().optional(),
  traceId: z.string().exactOptional(),
}).describe('A client begins an operation.');

const OperationCompleted = eventKind(['ok', 'fail', 'info'], {
  operation: z.string(),
  name: z.enum(OPERATIONS),
  scenario: z.string(),
  status: z
    .union([z.number(), z.string()])
    .exactOptional()
    .describe('HTTP status, or name of the gRPC status.'),
  code: z.string().exactOptional().describe('Code of the error registry.'),
  jobId: z.string().exactOptional(),
  orderId: z.string().exactOptional(),
  response: z.unknown().optional().describe('The body, where an invariant needs it.'),
  headers: textRecord
    .exactOptional()
    .describe('Of an HTTP answer, by lower-case name; without those of the connection.'),
}).describe(
  'How an operation ended. `ok`: it happened. `fail`: it certainly did not (refused by rule, or ' +
    '503 `unavailable`). `info`: it may have (a time-out of a command, a cut connection, 503 ' +
    '`outcome-unknown`).',
);

const SocketEvent = eventKind('ws', {
  socket: z.string().describe("The harness's own id of the socket."),
  scenario: z.string(),
  userId: z.string(),
  node: z.string().describe('The instance that it is connected to.'),
  what: z.enum(['open', 'sent', 'frame', 'closed', 'refused']),
  message: anyRecord.exactOptional().describe('With `sent` and `frame`: the JSON message.'),
  closeCode: z.number().exactOptional(),
  status: z.number().exactOptional().describe('With `refused`: HTTP status of the handshake.'),
}).describe('What a WebSocket client did, sent or received.');

const KafkaRecord = eventKind('kafka', {
  topic: z.string(),
  partition: count,
  offset: decimal,
  key: z.string().nullable(),
  headers: textRecord,
  timestampMs: z.number(),
  schemaId: z.number().exactOptional(),
  value: anyRecord
    .exactOptional()
    .describe('The Avro value; a union of records is `{type, ...fields}`.'),
  undecodable: z.string().exactOptional().describe('Why it could not be decoded; see `raw`.'),
  raw: z.string().exactOptional().describe('The first 1024 bytes, in base64.'),
}).describe('A record on the broker, as the witness consumed it.');

const StoredEvent = eventKind('eventstore', {
  stream: z.string(),
  revision: decimal,
  position: decimal.describe('Commit position: the order of `$all`.'),
  id: z.string(),
  eventType: z.string(),
  createdMs: z.number().exactOptional().describe("By the store's clock, at the append."),
  data: z.unknown(),
  metadata: z.unknown().optional(),
}).describe("An event of the event store's `$all`.");

const StateSeen = eventKind('state', {
  source: z
    .enum(['postgres', 'redis', 'mongodb', 'kafka'])
    .describe('If this source is incomplete, states may be missing.'),
  kind: z.enum(END_STATE_KINDS),
  service: z.string().describe('The service whose state it is.'),
  key: z.string(),
  value: anyRecord,
}).describe('One row, key or document when the run had settled.');

const ProcessEvent = eventKind('process', {
  instance: z.string(),
  what: z.enum(['started', 'ready', 'signalled', 'exited']),
  pid: z.number().exactOptional(),
  signal: z.string().exactOptional(),
  exitCode: z.number().exactOptional(),
  unasked: z.literal(true).exactOptional().describe('With `exited`: it was not requested.'),
}).describe('A process of the stack changed its state.');

const SpanSeen = eventKind('span', {
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().exactOptional(),
  name: z.string(),
  kind: z.string(),
  service: z.string(),
  startMs: z.number(),
  endMs: z.number(),
  error: z.boolean().exactOptional(),
  attributes,
}).describe('A span that a service exported.');

const MailReceived = eventKind('mail', {
  receivedMs: z.number(),
  messageId: z.string().describe('The Message-ID header, or empty.'),
  from: z.string(),
  to: z.array(z.string()).readonly().describe('Recipients of the SMTP envelope.'),
  subject: z.string(),
  text: z.string(),
  headers: textRecord.describe('By lower-case name.'),
}).describe('A mail that the SMTP sink received.');

const LogLine = eventKind('log', {
  instance: z.string(),
  text: z.string().describe('A part of one line.'),
}).describe('A line of a service that may show a secret, such as a token or an address.');

/** Every kind of event, by its `type`. */
export const EVENT_SCHEMAS = {
  'run-started': RunStarted,
  'scenario-started': ScenarioStarted,
  'scenario-ended': ScenarioEnded,
  'source-closed': SourceClosed,
  invoke: OperationInvoked,
  ok: OperationCompleted,
  fail: OperationCompleted,
  info: OperationCompleted,
  ws: SocketEvent,
  kafka: KafkaRecord,
  eventstore: StoredEvent,
  state: StateSeen,
  process: ProcessEvent,
  span: SpanSeen,
  mail: MailReceived,
  'wire-operation': WireOperation,
  fault: FaultChanged,
  'load-sample': LoadSample,
  'load-jobs': LoadJobs,
  'load-result': LoadResult,
  'resource-sample': ResourceSample,
  health: HealthSeen,
  metrics: MetricsSeen,
  log: LogLine,
} as const;

type Schemas = typeof EVENT_SCHEMAS;
export type EventType = keyof Schemas;
export type EventOf<T extends EventType> = z.infer<Schemas[T]>;
