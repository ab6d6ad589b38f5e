import { createHash } from 'node:crypto';
import { z } from 'zod';
import { GateError } from '../error.ts';
import type { Tree } from '../sources/tree.ts';

export const RECORDED_FOLDER = 'contracts/corpus';

/** Bytes before the Avro value: a zero and the schema's id in the registry that wrote it. */
export const WIRE_PREFIX_BYTES = 5;

const SchemaLine = z.strictObject({
  kind: z.literal('schema'),
  fingerprint: z.string(),
  schema: z.unknown(),
});
const MessageLine = z.strictObject({
  kind: z.literal('message'),
  topic: z.string(),
  eventType: z.string(),
  fingerprint: z.string(),
  /** Its key and headers; older lines have none. */
  key: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  value: z.base64(),
});
const Line = z.discriminatedUnion('kind', [SchemaLine, MessageLine]);
export type RecordedLine = z.infer<typeof Line>;

/** A message recorded on a real broker, with its writer schema. */
export interface RecordedMessage {
  readonly topic: string;
  readonly eventType: string;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The Avro value, without the wire format's prefix. */
  readonly value: Buffer;
  readonly writerSchema: string;
  readonly file: string;
  readonly line: number;
}

/** Every recorded message of the tree. Throws a {@link GateError} for an invalid line. */
export function recordedMessages(tree: Tree): RecordedMessage[] {
  return tree.list(RECORDED_FOLDER, '.jsonl').flatMap((file) => {
    const schemas = new Map<string, string>();
    const messages: RecordedMessage[] = [];
    for (const [index, text] of (tree.read(file) ?? '').split('\n').entries()) {
      if (text.trim() === '') continue;
      const line = parseLine(text, `${file}:${index + 1}`);
      if (line.kind === 'schema') {
        schemas.set(line.fingerprint, JSON.stringify(line.schema));
        continue;
      }
      const writerSchema = schemas.get(line.fingerprint);
      if (writerSchema === undefined) {
        throw new GateError(`${file}:${index + 1}: no schema ${line.fingerprint} before it`, {
          file: `${file}:${index + 1}`,
          fix: 'record again: sagaproof gate record <run folder>',
        });
      }
      const { topic, eventType, key, headers = {} } = line;
      const value = Buffer.from(line.value, 'base64').subarray(WIRE_PREFIX_BYTES);
      messages.push({ topic, eventType, key, headers, value, writerSchema, file, line: index + 1 });
    }
    return messages;
  });
}

function parseLine(text: string, place: string): RecordedLine {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new GateError(`${place}: not JSON`, {
      file: place,
      fix: 'remove the line, or record the messages again',
    });
  }
  const parsed = Line.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new GateError(`${place}: not a recorded message: ${z.prettifyError(parsed.error)}`, {
    file: place,
  });
}

/** The same schema has the same one, whichever registry gave it an id. */
export const fingerprintOf = (schema: unknown): string =>
  createHash('sha256').update(JSON.stringify(schema)).digest('hex').slice(0, 16);
