import { readFileSync } from 'node:fs';
import avsc from 'avsc';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AvroDecoder } from './avro-decoder.ts';

const TOPIC = 'websocket.connections';
interface RecordSchema {
  readonly fields: ReadonlyArray<{ readonly name: string }>;
}
const schema = JSON.parse(
  readFileSync(new URL(`../../avro/${TOPIC}.avsc`, import.meta.url), 'utf8'),
) as RecordSchema;
/** A writer that knows one field more than the reader. */
const newer = {
  ...schema,
  fields: [...schema.fields, { name: 'added', type: 'string' }],
};
const SCHEMAS: Readonly<Record<string, object>> = { 1: schema, 2: newer, 3: { type: 'string' } };

const VALUE = {
  messageId: '0190a0b0-0000-7000-8000-000000000001',
  socketId: '0190a0b0-0000-7000-8000-000000000002',
  userId: 'user-1',
  nodeId: 'websocket-1',
  kind: 'CONNECTED',
  closeCode: null,
  occurredAt: 1,
};

let registry: FastifyInstance;
let asked = 0;
let decoder: AvroDecoder;
beforeAll(async () => {
  registry = fastify();
  registry.get<{ Params: { id: string } }>('/schemas/ids/:id', async ({ params }, reply) => {
    asked++;
    const found = SCHEMAS[params.id];
    if (found === undefined) return reply.code(404).send({ error_code: 40403, message: 'none' });
    return { schema: JSON.stringify(found) };
  });
  decoder = new AvroDecoder(await registry.listen(), [TOPIC]);
});
afterAll(() => registry.close());

const encoded = (id: number, value: object): Buffer => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(id, 1);
  const type = avsc.Type.forSchema(SCHEMAS[id] as avsc.Schema);
  return Buffer.concat([prefix, type.toBuffer(value)]);
};

it('reads records of one schema with one question to the registry', async () => {
  const before = asked;
  for (let count = 0; count < 100; count++) {
    const decoded = await decoder.decode(TOPIC, encoded(1, VALUE));
    expect(decoded).toEqual({ schemaId: 1, value: VALUE });
  }
  expect(asked - before).toBe(1);
});

it('reads what a writer with another schema wrote as its own schema says', async () => {
  const decoded = await decoder.decode(TOPIC, encoded(2, { ...VALUE, added: 'more' }));
  expect(decoded).toEqual({ schemaId: 2, value: VALUE });
});

it('says why a record of a schema that cannot be read is not decoded', async () => {
  const prefix = Buffer.from([0, 0, 0, 0, 3]);
  const decoded = await decoder.decode(TOPIC, prefix);
  expect(decoded).toMatchObject({ schemaId: 3, undecodable: expect.any(String) });
});

it('says that the registry does not have a schema, and asks again later', async () => {
  const before = asked;
  for (let count = 0; count < 2; count++) {
    const decoded = await decoder.decode(TOPIC, Buffer.from([0, 0, 0, 0, 9]));
    expect(decoded).toMatchObject({ schemaId: 9, undecodable: expect.any(String) });
  }
  expect(asked - before).toBeGreaterThan(1);
});
