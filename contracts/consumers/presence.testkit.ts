import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import avsc from 'avsc';
import { parse } from 'yaml';
import { ASYNCAPI_PATH } from '#contracts/spec/asyncapi.ts';
import type { ContractRecord } from '#harness/contracts/consumer/record.ts';
import { NEWER_SCHEMA_ID, newerSchema } from '#harness/contracts/consumer/topic-schema.ts';

/** Which users are online, and a journal of their sockets, as an auditing consumer keeps them. */
export interface Presence {
  /** Sockets by user, each with the node that holds it. */
  readonly online: Readonly<Record<string, readonly string[]>>;
  /** One line for each event that came, whichever way a socket went. */
  readonly journal: readonly string[];
}

const EMPTY: Presence = { online: {}, journal: [] };

/**
 * A consumer of `websocket.connections`; the reference system has none of its own. It depends only
 * on what is published (AsyncAPI, the Avro schema that it names, the registry), shares no code with
 * the services, and reads only what an audit needs.
 *
 * @param records in the order in which they come
 */
export function presenceAfter(...records: readonly ContractRecord[]): Presence {
  const seen = new Set<string>();
  return records.reduce((presence, { bytes, headers, key }) => {
    // The header identifies a duplicate, so that it need not be decoded.
    const id = headers['id'] ?? '';
    if (seen.has(id)) return presence;
    seen.add(id);
    return enter(presence, id, key, decode(bytes));
  }, EMPTY);
}

interface Connection {
  readonly socketId: string;
  readonly userId: string;
  readonly nodeId: string;
  readonly kind: 'CONNECTED' | 'DISCONNECTED';
  readonly closeCode: number | null;
  readonly occurredAt: number;
}

function enter(
  { online, journal }: Presence,
  id: string,
  key: string,
  { socketId, userId, nodeId, kind, closeCode, occurredAt }: Connection,
): Presence {
  if (key !== userId) throw new Error(`${id}: its key is not its user`);
  const others = (online[userId] ?? []).filter((one) => !one.startsWith(socketId));
  const at = new Date(occurredAt).toISOString();
  const went = kind === 'DISCONNECTED' ? `went with ${closeCode}` : 'came';
  return {
    online: {
      ...online,
      [userId]: kind === 'CONNECTED' ? [...others, `${socketId} at ${nodeId}`] : others,
    },
    journal: [...journal, `${at} ${id}: ${socketId} of ${userId} at ${nodeId} ${went}`],
  };
}

const WIRE_PREFIX_BYTES = 5;

/** By the reader's own schema, whatever the writer's was. */
function decode(bytes: Buffer): Connection {
  const reader = avsc.Type.forSchema(JSON.parse(publishedSchema()) as avsc.Schema);
  const id = bytes.readInt32BE(1);
  const written = id === NEWER_SCHEMA_ID ? newerSchema('websocket.connections') : publishedSchema();
  const writer = avsc.Type.forSchema(JSON.parse(written) as avsc.Schema);
  const body = bytes.subarray(WIRE_PREFIX_BYTES);
  return reader.fromBuffer(body, reader.createResolver(writer)) as Connection;
}

/** The schema that the AsyncAPI document names for the topic. */
function publishedSchema(): string {
  const document = parse(readFileSync(ASYNCAPI_PATH, 'utf8')) as {
    readonly components: {
      readonly messages: {
        readonly ConnectionEvent: {
          readonly payload: { readonly schema: { readonly $ref: string } };
        };
      };
    };
  };
  const { $ref } = document.components.messages.ConnectionEvent.payload.schema;
  return readFileSync(join(dirname(ASYNCAPI_PATH), $ref), 'utf8');
}
