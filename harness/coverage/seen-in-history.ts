import type {
  HistoryEvent,
  KafkaRecord,
  OperationCompleted,
  SocketEvent,
  SpanSeen,
} from '../history/event.ts';
import { PRODUCERS } from '../history/producers.ts';
import { isDeadLetter } from '../history/records.ts';
import { REST_SERVICE, SOCKET_SERVICE } from '../kernel/system.ts';
import { codesIn, fieldPaths } from '../pacts/field-paths.ts';
import {
  ACCEPTED_MAX,
  grpcOperation,
  grpcProvider,
  httpOperation,
  isClientMessage,
  queryNames,
  recordOperation,
} from '../pacts/protocols.ts';
import { type HistoryFacts, placeOf } from './history-facts.ts';
import { type Edge, HANDSHAKE, type Ledger, OPERATOR, WEB_CLIENT } from './item.ts';
import { answerFields } from './open-answers.ts';

const HTTP: Edge = { consumer: WEB_CLIENT, provider: REST_SERVICE, protocol: 'http' };
const WS: Edge = { consumer: WEB_CLIENT, provider: SOCKET_SERVICE, protocol: 'ws' };

/** Topics without a reader in the system: the witness reads them instead of their readers. */
export interface OutsideReaders {
  of(topic: string): readonly string[];
}

/** Second reading of a history: writes down everything that crossed. */
export function seenInHistory(
  history: Iterable<HistoryEvent>,
  facts: HistoryFacts,
  outside: OutsideReaders,
  seen: Ledger,
): void {
  for (const event of history) {
    switch (event.type) {
      case 'ok':
      case 'fail':
      case 'info':
        seeAnswer(event, facts, seen);
        break;
      case 'ws':
        seeSocket(event, seen);
        break;
      case 'kafka':
        seeRecord(event, facts, outside, seen);
        break;
      case 'span':
        seeCall(event, facts, seen);
        break;
    }
  }
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly json?: unknown;
}

function seeAnswer(
  { operation: id, status, code, response }: OperationCompleted,
  { invoked }: HistoryFacts,
  seen: Ledger,
): void {
  const { method, path, json } = (invoked.get(id)?.request ?? {}) as Asked;
  // A status of 0 is a client that got no answer.
  if (method === undefined || path === undefined || typeof status !== 'number' || status === 0) {
    return;
  }
  seen.edge(HTTP);
  if (code !== undefined) seen.error(HTTP, code);
  const accepted = status <= ACCEPTED_MAX;
  const operation = httpOperation(method, path) ?? `${method} ${path}`;
  // What is refused for being no operation is none.
  if (!accepted && httpOperation(method, path) === undefined) return;
  seen.operation(HTTP, operation);
  if (accepted) {
    seen.fields(HTTP, operation, fieldPaths(json, 'request'));
    for (const name of queryNames(path)) seen.field(HTTP, operation, `request.query.${name}`);
  }
  const paths = accepted ? answerFields(operation, response) : fieldPaths(response, 'problem');
  seen.fields(HTTP, operation, paths);
}

function seeSocket({ what, message, status, closeCode }: SocketEvent, seen: Ledger): void {
  if (what === 'open' || what === 'refused') seen.operation(WS, HANDSHAKE);
  if (status !== undefined) seen.error(WS, `HTTP ${status}`);
  if (closeCode !== undefined && isServersClose(closeCode)) seen.error(WS, `close ${closeCode}`);
  if (message === undefined || (what === 'sent' && !isClientMessage(message))) return;
  const operation = String(message['type']);
  seen.operation(WS, operation);
  seen.fields(WS, operation, fieldPaths(message));
  for (const code of codesIn(message)) seen.error(WS, code);
}

/** Not one that a client chose, nor one that stands for a connection that broke. */
export const isServersClose = (code: number): boolean => ![1000, 1005, 1006].includes(code);

function seeRecord(
  record: KafkaRecord,
  { readers, ownRecords }: HistoryFacts,
  outside: OutsideReaders,
  seen: Ledger,
): void {
  const { topic, headers, value } = record;
  if (isDeadLetter(topic) || value === undefined || ownRecords.has(placeOf(record))) return;
  const operation = recordOperation(topic, headers['eventType'] ?? '(no eventType)');
  const provider = PRODUCERS[topic] ?? `(topic ${topic})`;
  const paths = ['key', ...fieldPaths(headers, 'header'), ...fieldPaths(value)];
  for (const consumer of [...(readers.get(topic) ?? []), ...outside.of(topic)]) {
    const edge: Edge = { consumer, provider, protocol: 'kafka' };
    seen.operation(edge, operation);
    seen.fields(edge, operation, paths);
    for (const code of codesIn(value)) seen.error(edge, code);
  }
}

function seeCall(
  { kind, service, spanId, parentSpanId, error, attributes }: SpanSeen,
  { callers, arrived }: HistoryFacts,
  seen: Ledger,
): void {
  const { 'rpc.service': called, 'rpc.method': method, 'error.type': code } = attributes;
  if (attributes['rpc.system'] !== 'grpc' || called === undefined || method === undefined) return;
  const operation = grpcOperation(String(called), String(method));
  let edge: Edge | undefined;
  if (kind === 'client' && (error !== true || arrived.has(spanId))) {
    const provider = grpcProvider(String(called)) ?? String(called);
    edge = { consumer: service, provider, protocol: 'grpc' };
  } else if (kind === 'server') {
    // The parent span was lost, so the caller is not known.
    const caller = parentSpanId === undefined ? OPERATOR : callers.get(parentSpanId);
    if (caller !== undefined) edge = { consumer: caller, provider: service, protocol: 'grpc' };
  } else if (kind === 'client' && code !== undefined) {
    // The call never arrived; that it failed is what the consumer saw of the edge.
    const provider = grpcProvider(String(called)) ?? String(called);
    seen.error({ consumer: service, provider, protocol: 'grpc' }, String(code));
  }
  if (edge === undefined) return;
  seen.operation(edge, operation);
  if (error === true && code !== undefined) seen.error(edge, String(code));
}
