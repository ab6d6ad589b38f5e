import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TopicValues } from '#avro/types.generated.ts';
import { type Codec, createCodec, schemaPath } from './avro.ts';
import { OperationalError } from './errors.ts';
import { memoryRegistry, registryContract } from './registry.testkit.ts';
import type { SchemaRegistry } from './schema-registry.ts';

const ID = '0199d1c2-0000-7000-8000-000000000001';
const EVENT: TopicValues['payment.events'] = {
  messageId: ID,
  jobId: null,
  orderId: ID,
  causationId: ID,
  occurredAt: 1_795_339_580_403,
  payload: {
    type: 'PaymentVoided',
    effective: true,
    amount: { currency: 'EUR', minorUnits: 5 },
  },
};

/** The schema of the topic as another writer may have it. */
function schemaWith(change: (schema: { fields: Array<{ name: string; type: unknown }> }) => void) {
  const schema = JSON.parse(readFileSync(schemaPath('payment.events'), 'utf8'));
  change(schema);
  return JSON.stringify(schema);
}

let registry: SchemaRegistry;
let codec: Codec;
beforeAll(async () => {
  registry = memoryRegistry();
  codec = await createCodec(['payment.events', 'payment.commands'], registry);
});

const withId = (bytes: Buffer, id: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeInt32BE(id, 1);
  return copy;
};

describe('the registry in memory', () => {
  const shared = memoryRegistry({ registersAll: false });
  registryContract(() => shared);
});

describe('the codec', () => {
  it('writes the wire format, with the id that the registry gave', async () => {
    const bytes = await codec.encode('payment.events', EVENT);
    expect(bytes[0]).toBe(0);
    const schema = await registry.schemaById(bytes.readInt32BE(1));
    expect(JSON.parse(schema ?? '')).toMatchObject({ name: 'PaymentEvent' });
  });

  it('reads what it wrote, with the union tagged by its type', async () => {
    const bytes = await codec.encode('payment.events', EVENT);
    expect(await codec.decode('payment.events', bytes)).toEqual(EVENT);
  });

  it('reads what was written by another version of the schema', async () => {
    const text = schemaWith((schema) => {
      schema.fields.push({ name: 'added', type: 'string', default: '' } as never);
    });
    const id = await registry.idOf('payment.events-value', text);
    const ours = await codec.encode('payment.events', EVENT);
    const theirs = Buffer.concat([withId(ours, id), Buffer.from([2, 0x78])]);
    expect(await codec.decode('payment.events', theirs)).toEqual(EVENT);
  });

  it('puts a value with a control character aside', async () => {
    const payload = { ...EVENT.payload, amount: { currency: 'E\u0000R', minorUnits: 5 } };
    const bytes = await codec.encode('payment.events', { ...EVENT, payload } as typeof EVENT);
    await expect(codec.decode('payment.events', bytes)).rejects.toMatchObject({
      reason: 'invalid-message',
      message: expect.stringContaining('currency'),
    });
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'not-wire-format'],
    ['text', Buffer.from('garbage'), 'not-wire-format'],
    ['too little', Buffer.from([0, 0, 0]), 'not-wire-format'],
    ['an id that was never assigned', Buffer.from([0, 0, 0, 0x27, 0x0f, 1]), 'unknown-schema-id'],
  ])('says what is wrong with %s', async (_what, bytes, reason) => {
    await expect(codec.decode('payment.events', bytes)).rejects.toMatchObject({
      code: 'poison-message',
      reason,
    });
  });

  it('does not read bytes that are cut, or followed by others, or of another kind', async () => {
    const bytes = await codec.encode('payment.events', EVENT);
    const command = await codec.encode('payment.commands', {
      ...EVENT,
      jobId: ID,
      orderId: ID,
      causationId: ID,
      payload: { type: 'RefundPayment' },
    });
    const bad = [bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.from([0])]), command];
    for (const each of bad) {
      await expect(codec.decode('payment.events', each)).rejects.toMatchObject({
        reason: 'undecodable',
      });
    }
  });

  it('blames the registry, and not the message, when the registry is away', async () => {
    let isAway = false;
    const shared = memoryRegistry();
    const flaky: SchemaRegistry = {
      idOf: shared.idOf,
      schemaById: async (id) => {
        if (isAway) throw new OperationalError('unavailable');
        return shared.schemaById(id);
      },
    };
    const reader = await createCodec(['payment.events'], flaky);
    const text = schemaWith((schema) => {
      schema.fields.push({ name: 'added', type: 'string', default: '' } as never);
    });
    const id = await shared.idOf('payment.events-value', text);
    const bytes = withId(await reader.encode('payment.events', EVENT), id);
    const theirs = Buffer.concat([bytes, Buffer.from([2, 0x78])]);
    isAway = true;
    await expect(reader.decode('payment.events', theirs)).rejects.toMatchObject({
      code: 'unavailable',
    });
    isAway = false;
    expect(await reader.decode('payment.events', theirs)).toEqual(EVENT);
    isAway = true;
    expect(await reader.decode('payment.events', theirs)).toEqual(EVENT);
  });
});
