import avsc from 'avsc';
import { type Consumer, Kafka, logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import type { AddressBook } from '../../kernel/address-book.ts';
import { useOwnRuns } from '../../testbed/stack.testkit.ts';
import { bootStack } from '../../testbed/stack.ts';
import { gate } from '../gate.ts';
import { testRepository } from '../repository.testkit.ts';
import { folderTree } from '../sources/tree.ts';
import { fingerprintOf } from './recorded.ts';
import { checkRunning } from './running.ts';

const TOPIC = 'order.events';
const FILE = `avro/${TOPIC}.avsc`;
const FIELDS = [
  { name: 'messageId', type: 'string' },
  { name: 'orderId', type: 'string' },
];
const schemaOf = (...added: object[]) => ({
  type: 'record',
  name: 'Event',
  fields: [...FIELDS, ...added],
});
const WRITER = schemaOf();
/** Every rule calls it safe, both ways. */
const NOTED = schemaOf({ name: 'note', type: 'string', default: '' });
const typeOf = (schema: unknown) => avsc.Type.forSchema(schema as avsc.Schema);
const BOOT_TIMEOUT_MS = 240_000;

const corpus = () =>
  [
    { kind: 'schema', fingerprint: fingerprintOf(WRITER), schema: WRITER },
    {
      kind: 'message',
      topic: TOPIC,
      eventType: 'OrderPlaced',
      fingerprint: fingerprintOf(WRITER),
      value: Buffer.concat([
        Buffer.alloc(5),
        typeOf(WRITER).toBuffer({ messageId: 'recorded', orderId: 'a' }),
      ]).toString('base64'),
    },
  ]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');

const topicsOf = (...consumers: string[]) =>
  JSON.stringify({
    compatibilityDefault: 'FULL',
    deadLetter: { partitions: 1, retentionMs: -1 },
    topics: [
      {
        name: TOPIC,
        key: 'orderId',
        partitions: 3,
        retentionMs: -1,
        compatibility: 'FULL',
        producers: ['order'],
        consumers,
      },
    ],
  });

type Addresses = Pick<AddressBook, 'kafka' | 'registry'>;
type Read = (value: Buffer) => Promise<{ readonly messageId: string }>;

/** Reads as Avro says: the writer's schema by its id, resolved with its own. */
const careful =
  ({ registry }: Addresses): Read =>
  async (value) => {
    const answer = await fetch(`${registry.url}/schemas/ids/${value.readUInt32BE(1)}`);
    const writer = typeOf(JSON.parse(((await answer.json()) as { schema: string }).schema));
    const reader = typeOf(WRITER);
    return reader.fromBuffer(value.subarray(5), reader.createResolver(writer));
  };

/** Never asks who wrote it, and takes all to be as it was when it was built. */
const careless: Read = async (value) => typeOf(WRITER).fromBuffer(value.subarray(5));

/** A consumer that puts aside what it cannot read, as the topic table promises. */
async function startConsumer({ kafka: { bootstrap } }: Addresses, group: string, read: Read) {
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: group });
  const producer = kafka.producer();
  const seen: string[] = [];
  await Promise.all([consumer.connect(), producer.connect()]);
  await consumer.subscribe({ topics: [TOPIC] });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({
    autoCommitThreshold: 1,
    eachMessage: async ({ topic, partition, message }) => {
      try {
        seen.push((await read(message.value ?? Buffer.alloc(0))).messageId);
      } catch (error) {
        await producer.send({
          topic: `${topic}.dlq`,
          messages: [
            {
              value: message.value,
              headers: {
                'dlq-cause': 'undecodable',
                'dlq-detail': (error as Error).message,
                'dlq-topic': topic,
                'dlq-partition': String(partition),
                'dlq-offset': message.offset,
                'dlq-group': group,
              },
            },
          ],
        });
      }
    },
  });
  await joined;
  const stop = () => Promise.all([consumer.disconnect(), producer.disconnect()]);
  return { seen, consumer, [Symbol.asyncDispose]: () => stop().then(() => undefined) };
}

/** A group without members: its committed offset stays where it is. */
async function leftGroup({ kafka: { bootstrap } }: Addresses, group: string): Promise<void> {
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const consumer: Consumer = kafka.consumer({ groupId: group });
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPIC] });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({ eachMessage: async () => undefined });
  await joined;
  await consumer.disconnect();
}

describe('messages that are replayed to running consumers', () => {
  const tests = useOwnRuns();

  it(
    'distinguishes consumers that read the new schema, reject it, or stop',
    async () => {
      await using stack = await bootStack({
        only: ['kafka', 'registry'],
        fresh: true,
        installation: tests.installation(),
      });
      const addresses = stack.addressBook;
      await using good = await startConsumer(addresses, 'query', careful(addresses));
      await using bad = await startConsumer(addresses, 'notification-2', careless);
      using repository = testRepository({
        [FILE]: WRITER,
        'contracts/spec/topics.yaml': topicsOf('query', 'notification'),
        [`contracts/corpus/${TOPIC}.jsonl`]: corpus(),
      });
      const question = { repository: repository.folder, staged: false, running: addresses };
      const notes: string[] = [];
      const note = (what: string) => notes.push(what);
      expect(await gate({ ...question, note })).toMatchObject({ answer: 'yes' });
      expect(notes).toEqual([
        '1 recorded messages were replayed to query, notification, and 0 of them again, re-encoded with changed schemas',
      ]);
      expect(good.seen).toHaveLength(1);
      expect(good.seen).toEqual(bad.seen);
      expect(good.seen).not.toContain('recorded');

      repository.write(FILE, NOTED);
      const answer = await gate(question);
      expect(answer).toMatchObject({
        answer: 'no',
        findings: [
          {
            rule: 'recorded/consumer-put-aside',
            breaks: ['the running notification'],
            file: `contracts/corpus/${TOPIC}.jsonl`,
            line: 2,
          },
        ],
      });
      expect(answer.findings[0]?.what).toContain('undecodable');
      expect(new Set(good.seen).size).toBe(3);

      await leftGroup(addresses, 'job-management');
      repository.write('contracts/spec/topics.yaml', topicsOf('query', 'job-management', 'absent'));
      const head = folderTree(repository.folder, 'here');
      const findings = await checkRunning({ head, addresses, standstillMs: 1_500 });
      expect(findings.map(({ rule, certainty, breaks }) => ({ rule, certainty, breaks }))).toEqual([
        {
          rule: 'recorded/consumer-stuck',
          certainty: 'unknown',
          breaks: ['the running job-management'],
        },
        { rule: 'recorded/consumer-absent', certainty: 'unknown', breaks: ['the running absent'] },
      ]);
    },
    BOOT_TIMEOUT_MS,
  );

  it('fails when the corpus has no message with a consumer', async () => {
    using repository = testRepository({ 'contracts/spec/topics.yaml': topicsOf('query') });
    const addresses = { kafka: { bootstrap: '' }, registry: { url: 'http://127.0.0.1:9' } };
    const head = folderTree(repository.folder, 'here');
    await expect(checkRunning({ head, addresses })).rejects.toThrow('nothing can be replayed');
  });
});
