import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import avsc from 'avsc';
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { useOwnRuns } from '../../testbed/stack.testkit.ts';
import { bootStack } from '../../testbed/stack.ts';
import { folderTree } from '../sources/tree.ts';
import { recordRun } from './record.ts';
import { recordedMessages } from './recorded.ts';

const TOPIC = 'order.events';
const SCHEMA = { type: 'record', name: 'Event', fields: [{ name: 'id', type: 'string' }] };
const BOOT_TIMEOUT_MS = 240_000;

describe('recording real messages', () => {
  const tests = useOwnRuns();

  it(
    'takes bytes from the broker and schemas from the registry, each message once',
    async () => {
      await using stack = await bootStack({
        only: ['kafka', 'registry'],
        fresh: true,
        installation: tests.installation(),
      });
      const { kafka, registry } = stack.addressBook;
      const schemaId = await register(registry.url);
      const value = Buffer.alloc(5);
      value.writeUInt32BE(schemaId, 1);
      const wire = Buffer.concat([
        value,
        avsc.Type.forSchema(SCHEMA as never).toBuffer({ id: 'a' }),
      ]);
      const written = await produce(kafka.bootstrap, wire);
      const folder = mkdtempSync(join(tmpdir(), 'gate-record-'));
      const history = join(folder, 'history.jsonl');
      writeFileSync(history, historyOf({ ...written, schemaId }));

      expect(await recordRun(history, { kafka, registry }, folder)).toEqual([
        { topic: TOPIC, added: 1 },
      ]);
      expect(recordedMessages(folderTree(folder, 'x'))).toMatchObject([
        { topic: TOPIC, eventType: 'OrderPlaced', value: wire.subarray(5) },
      ]);
      expect(await recordRun(history, { kafka, registry }, folder)).toEqual([
        { topic: TOPIC, added: 0 },
      ]);
      rmSync(folder, { recursive: true });
    },
    BOOT_TIMEOUT_MS,
  );

  it('names a run that has no history', async () => {
    const nowhere = { kafka: { bootstrap: '' }, registry: { url: '' } };
    await expect(recordRun('runs/none/history.jsonl', nowhere, '.')).rejects.toThrow(
      'there is no runs/none/history.jsonl',
    );
  });
});

async function register(url: string): Promise<number> {
  const response = await fetch(`${url}/subjects/gate-test-value/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify(SCHEMA) }),
  });
  const answer = (await response.json()) as { id?: number };
  if (answer.id === undefined) throw new Error(`not registered: ${JSON.stringify(answer)}`);
  return answer.id;
}

async function produce(bootstrap: string, value: Buffer) {
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  const [sent] = await producer.send({ topic: TOPIC, messages: [{ key: 'a', value }] });
  await producer.disconnect();
  return { partition: sent?.partition ?? 0, offset: sent?.baseOffset ?? '0' };
}

const historyOf = (record: { partition: number; offset: string; schemaId: number }): string =>
  [
    {
      index: 0,
      atMs: 1,
      type: 'run-started',
      schemaVersion: 1,
      run: 'r',
      seed: 's',
      commit: 'c',
      subjects: [],
      bounds: { terminalWithinMs: 1 },
    },
    {
      index: 1,
      atMs: 2,
      type: 'kafka',
      topic: TOPIC,
      key: 'a',
      headers: { eventType: 'OrderPlaced' },
      timestampMs: 2,
      value: { id: 'a' },
      ...record,
    },
  ]
    .map((event) => `${JSON.stringify(event)}\n`)
    .join('');
