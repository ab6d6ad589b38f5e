import type { AsyncApiDocument } from '#contracts/spec/asyncapi.ts';
import {
  deadLetterTopic,
  readTopicTable,
  type Topic,
  valueSubject,
} from '#contracts/spec/topics.ts';
import type { KafkaRecord } from '../history/event.ts';
import { jsonSchemaOf, readAvroSchema } from './avro-json-schema.ts';
import { type Flaw, SchemaChecks } from './json-schema-check.ts';

/** What is not as documented about a record; undefined when all is. */
export type RecordFlaw = (record: KafkaRecord) => string | undefined;

/**
 * Checks records against the contracts: the topic is in `contracts/spec/topics.yaml`, the headers
 * are those of `contracts/spec/asyncapi.yaml`, the value is encoded with the subject's own Avro
 * schema, and key and headers repeat the fields of the value as documented.
 *
 * @param asyncapi the document, parsed
 */
export function recordCheck(asyncapi: AsyncApiDocument): RecordFlaw {
  const { topics } = readTopicTable();
  const checks = new SchemaChecks().add('asyncapi', asyncapi);
  const headers = checks.check({ $ref: 'asyncapi#/components/schemas/RecordHeaders' });
  const deadHeaders = checks.check({ $ref: 'asyncapi#/components/schemas/DeadLetterHeaders' });
  const flawOf = new Map<string, RecordFlaw>();
  for (const topic of topics) {
    const value = checks.check(jsonSchemaOf(readAvroSchema(topic.name)));
    flawOf.set(topic.name, (record) => liveFlaw(record, topic, value, headers));
    if (topic.consumers.length > 0) {
      const dead = deadLetterTopic(topic.name);
      flawOf.set(dead, (record) => deadFlaw(record, topic, deadHeaders));
    }
  }
  return (record) => {
    const flaw = flawOf.get(record.topic);
    return flaw === undefined ? 'its topic is not in the topic table' : flaw(record);
  };
}

function liveFlaw(
  { key, headers, value, undecodable, partition, topic }: KafkaRecord,
  { key: keyField, partitions }: Topic,
  valueFlaw: Flaw,
  headersFlaw: Flaw,
): string | undefined {
  if (value === undefined) {
    return `its value is not of the subject ${valueSubject(topic)}: ${undecodable}`;
  }
  const wrongValue = valueFlaw(value);
  if (wrongValue !== undefined) return `its value is not as the schema says: ${wrongValue}`;
  const wrongHeaders = headersFlaw(headers);
  if (wrongHeaders !== undefined) return `its headers are not as documented: ${wrongHeaders}`;
  const named = value[keyField];
  // A record that is about no order is keyed by what it is about; only then is the field null.
  if (key === null || (typeof named === 'string' && key !== named)) {
    return `its key ${key} is not its ${keyField} ${named}`;
  }
  const { id, eventType } = headers;
  if (id !== value['messageId']) return `its header id ${id} is not its messageId`;
  const type = typeOf(value);
  if (eventType !== type) return `its header eventType ${eventType} is not its type ${type}`;
  if (partition >= partitions) return `its topic has ${partitions} partitions`;
  return undefined;
}

function deadFlaw(
  { headers }: KafkaRecord,
  { name }: Topic,
  headersFlaw: Flaw,
): string | undefined {
  const wrong = headersFlaw(headers);
  if (wrong !== undefined) return `its headers are not as documented: ${wrong}`;
  const from = headers['dlq-topic'];
  return from === name ? undefined : `it was put aside from ${from}`;
}

/** What a value says in its own words: the branch of its payload, or its kind. */
function typeOf({ payload, kind }: Readonly<Record<string, unknown>>): unknown {
  return typeof payload === 'object' && payload !== null ? (payload as Tagged).type : kind;
}

interface Tagged {
  readonly type?: string;
}
