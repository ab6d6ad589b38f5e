import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ASYNCAPI_PATH, websocketMessageCheck } from './asyncapi.ts';
import { deadLetterTopic, readTopicTable } from './topics.ts';

interface Channel {
  readonly address: string;
  readonly description: string;
  readonly parameters?: { readonly topic: { readonly enum: readonly string[] } };
  readonly messages: Record<string, { readonly $ref: string }>;
  readonly bindings: {
    readonly kafka?: {
      readonly partitions: number;
      readonly topicConfiguration: { readonly 'retention.ms': number };
    };
  };
}
interface Operation {
  readonly action: 'send' | 'receive';
  readonly tags?: ReadonlyArray<{ readonly name: string }>;
  readonly channel: { readonly $ref: string };
}
interface Document {
  readonly channels: Record<string, Channel>;
  readonly operations: Record<string, Operation>;
  readonly components: {
    readonly messages: Record<string, { payload: { schema?: { $ref: string } } }>;
  };
}

const document = parse(readFileSync(ASYNCAPI_PATH, 'utf8')) as Document;
const table = readTopicTable();

function channelOf(topic: string): [string, Channel] {
  const found = Object.entries(document.channels).find(([, channel]) => channel.address === topic);
  if (found === undefined) throw new Error(`no channel has the address ${topic}`);
  return found;
}

function servicesOf(topic: string, action: Operation['action']): string[] {
  const [name] = channelOf(topic);
  return Object.values(document.operations)
    .filter((operation) => operation.channel.$ref === `#/channels/${name}`)
    .filter((operation) => operation.action === action)
    .flatMap((operation) => operation.tags?.map((tag) => tag.name) ?? [])
    .toSorted();
}

describe('the AsyncAPI document', () => {
  it('is a valid AsyncAPI 3 document', () => {
    const require = createRequire(import.meta.url);
    const meta = require('@asyncapi/specs/schemas/3.0.0-without-$id.json');
    const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true });
    addFormats.default(ajv);
    const validate = ajv.compile(meta);
    validate(document);
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each(table.topics)('describes $name as the topic table has it', (topic) => {
    const [, channel] = channelOf(topic.name);
    expect(channel.bindings.kafka).toMatchObject({
      partitions: topic.partitions,
      topicConfiguration: { 'retention.ms': topic.retentionMs },
    });
    expect(channel.description).toContain(`Key ${topic.key}.`);
    expect(servicesOf(topic.name, 'send')).toEqual(topic.producers.toSorted());
    expect(servicesOf(topic.name, 'receive')).toEqual(topic.consumers.toSorted());
  });

  it.each(table.topics)('names the Avro schema of $name', (topic) => {
    const [, channel] = channelOf(topic.name);
    const [message] = Object.values(channel.messages);
    const name = message?.$ref.split('/').at(-1) ?? '';
    expect(document.components.messages[name]?.payload.schema?.$ref).toBe(
      `../../avro/${topic.name}.avsc`,
    );
  });

  it('has the topics of the table and no other, and dead letters of each with a reader', () => {
    const kafka = Object.values(document.channels).filter((channel) => channel.bindings.kafka);
    const plain = kafka.filter((channel) => channel.parameters === undefined);
    expect(plain.map((channel) => channel.address).toSorted()).toEqual(
      table.topics.map((topic) => topic.name).toSorted(),
    );
    const dead = kafka.find((channel) => channel.parameters !== undefined);
    expect(dead?.address).toBe(deadLetterTopic('{topic}'));
    expect(dead?.parameters?.topic.enum.toSorted()).toEqual(
      table.topics
        .filter((topic) => topic.consumers.length > 0)
        .map((topic) => topic.name)
        .toSorted(),
    );
    expect(dead?.bindings.kafka).toMatchObject({
      partitions: table.deadLetter.partitions,
      topicConfiguration: { 'retention.ms': table.deadLetter.retentionMs },
    });
  });
});

describe('the check of client messages', () => {
  const check = websocketMessageCheck('websocketReceives');
  const jobId = '0192f0c1-2b3c-7d4e-8f50-61728394a5b6';

  it.each([
    { type: 'subscribe', requestId: 'r', level: 'detail' },
    { type: 'subscribe', requestId: 'r', level: 'outcome', jobId, afterSequence: 3 },
    { type: 'unsubscribe', requestId: 'r' },
    { type: 'resume', requestId: 'r', level: 'progress', positions: { [jobId]: 0 } },
    { type: 'ping' },
  ])('takes %j', (message) => {
    expect(check(message)).toEqual({ ok: true });
  });

  it.each([
    ['no object', 'hello', /type is one of/],
    ['null', null, /type is one of/],
    ['a type that only the service sends', { type: 'update' }, /type is one of: subscribe/],
    ['an unknown level', { type: 'subscribe', requestId: 'r', level: 'all' }, /level/],
    ['an unknown field', { type: 'ping', token: 'x' }, /additional properties \(token\)/],
    ['no requestId', { type: 'unsubscribe' }, /requestId/],
    ['a jobId that is no UUID', { type: 'unsubscribe', requestId: 'r', jobId: '1' }, /uuid/],
    [
      'a position without a job',
      { type: 'subscribe', requestId: 'r', level: 'detail', afterSequence: 1 },
      /jobId/,
    ],
    ['no positions', { type: 'resume', requestId: 'r', level: 'detail', positions: {} }, /fewer/],
    [
      'a negative position',
      { type: 'resume', requestId: 'r', level: 'detail', positions: { [jobId]: -1 } },
      />= 0/,
    ],
    [
      'a position of something that is no job',
      { type: 'resume', requestId: 'r', level: 'detail', positions: { x: 1 } },
      /property name|uuid/,
    ],
  ])('refuses %s', (_, message, detail) => {
    expect(check(message)).toEqual({ ok: false, detail: expect.stringMatching(detail) });
  });
});
