import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ASYNCAPI_PATH } from '#contracts/spec/asyncapi.ts';
import { readTopicTable } from '#contracts/spec/topics.ts';
import {
  type AvroSchema,
  type NamedAvroSchema,
  readAvroSchema,
} from '../documents/avro-json-schema.ts';
import { operationsOf, readOpenapi } from '../documents/openapi.ts';
import { REST_SERVICE, SOCKET_SERVICE } from '../kernel/system.ts';
import { REGISTERED_CODES } from '../pacts/field-paths.ts';
import { grpcMethods, grpcOperation, recordOperation } from '../pacts/protocols.ts';
import { ANYBODY, HANDSHAKE, Ledger, WEB_CLIENT } from './item.ts';

/**
 * Edges, operations and codes of the contract documents: OpenAPI, AsyncAPI, `proto/`, the topic
 * table with its Avro schemas, and the error registry. `proto/` and the registry do not say who
 * calls: what they have is anybody's. Fields are the consumers' to ask for, so documents have none.
 */
export function documented(): Ledger {
  const ledger = new Ledger();
  const http = { consumer: WEB_CLIENT, provider: REST_SERVICE, protocol: 'http' };
  for (const { method, path } of operationsOf(readOpenapi())) {
    ledger.operation(http, `${method} ${path}`);
  }
  const ws = { consumer: WEB_CLIENT, provider: SOCKET_SERVICE, protocol: 'ws' };
  for (const name of [HANDSHAKE, ...socketMessages()]) ledger.operation(ws, name);
  for (const { name, producers, consumers } of readTopicTable().topics) {
    for (const provider of producers) {
      for (const consumer of consumers.length === 0 ? [ANYBODY] : consumers) {
        const edge = { consumer, provider, protocol: 'kafka' };
        for (const type of recordTypes(name)) ledger.operation(edge, recordOperation(name, type));
      }
    }
  }
  for (const { provider, method } of grpcMethods()) {
    const edge = { consumer: ANYBODY, provider, protocol: 'grpc' };
    ledger.operation(edge, grpcOperation(method.parent.typeName, method.name));
  }
  const anywhere = { consumer: ANYBODY, provider: ANYBODY, protocol: 'any' };
  for (const code of REGISTERED_CODES) ledger.error(anywhere, code);
  return ledger;
}

interface AsyncApi {
  readonly operations: Readonly<Record<string, { messages?: ReadonlyArray<{ $ref: string }> }>>;
}

/** Types of the messages that cross a socket, both ways. */
function socketMessages(): string[] {
  const { operations } = parse(readFileSync(ASYNCAPI_PATH, 'utf8')) as AsyncApi;
  return ['websocketReceives', 'websocketSends'].flatMap((operation) =>
    (operations[operation]?.messages ?? []).map(({ $ref }) =>
      $ref.slice($ref.lastIndexOf('/') + 1),
    ),
  );
}

interface Kinds {
  readonly symbols?: readonly string[];
  readonly default?: string;
}

/** Types of a topic's records: the branches of the payload, or the symbols of the kind. */
export function recordTypes(topic: string): string[] {
  const { fields = [] } = readAvroSchema(topic) as NamedAvroSchema;
  const payload = fields.find(({ name }) => name === 'payload')?.type;
  if (Array.isArray(payload)) {
    return (payload as readonly AvroSchema[]).map(
      (branch) => (branch as NamedAvroSchema).name ?? '',
    );
  }
  const kind = fields.find(({ name }) => name === 'kind')?.type as Kinds | undefined;
  // The default of an enum is what a reader makes of a newer writer's symbol, and never written.
  return (kind?.symbols ?? []).filter((symbol) => symbol !== kind?.default);
}
