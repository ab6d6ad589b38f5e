/** The operations of Kafka's requests. */
import type { Operation, OperationAttributes } from '../protocol.ts';
import { type Api, OFFSET_COMMIT, PRODUCE } from './apis.ts';
import type { FieldReader } from './fields.ts';
import { contentOf, onlyKey, recordBatches } from './record-batches.ts';

/** A request that is decoded as far as its header. */
export interface Request {
  readonly key: number;
  readonly version: number;
  readonly api: Api;
  readonly flexible: boolean;
  readonly correlation: number;
  readonly bytes: Buffer;
  /** At the first field of the body. */
  readonly body: FieldReader;
  ids: readonly number[];
  /** It is not answered: a produce with acks=0. */
  oneWay: boolean;
  forwarded?: boolean;
  /** Of a produce or an offset commit, in the order of its operations. */
  partitions?: readonly PartitionOf[];
}

export interface PartitionOf {
  readonly topic: string;
  /** Where the request names the topic by id. */
  readonly topicId?: string;
  readonly partition: number;
}

/** By id, as 32 hexadecimal digits. */
export type TopicNames = Map<string, string>;

const PRODUCE_TOPIC_IDS_FROM = 13;
const PRODUCE_TRANSACTIONS_FROM = 3;
const COMMIT_TOPIC_IDS_FROM = 10;
const COMMIT_INSTANCE_FROM = 7;
const COMMIT_EPOCH_FROM = 6;
const COMMIT_RETENTION = { from: 2, until: 4 };

/** One for each partition of a produce and of an offset commit, else one for the request. */
export function operationsOf(
  request: Request,
  firstId: number,
  topics: TopicNames,
): readonly Operation[] {
  try {
    if (request.key === PRODUCE) return produced(request, firstId, topics);
    if (request.key === OFFSET_COMMIT) return committed(request, firstId, topics);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // A version whose fields are others: the request is still an operation, without attributes.
  }
  return [new PlainOperation(request, firstId)];
}

class PlainOperation implements Operation {
  readonly id: number;
  readonly name: string;
  readonly attributes: OperationAttributes;
  readonly content: readonly Buffer[];

  constructor({ api, version, body, bytes }: Request, id: number) {
    this.id = id;
    this.name = `kafka.${api.name}`;
    this.content = [bytes];
    this.attributes = {};
    const { first } = api;
    if (first === undefined || version > (first.until ?? version)) return;
    try {
      this.attributes = { [first.attribute]: body.text() ?? '' };
    } catch {
      // Cut off: the operation has no attributes.
    }
  }
}

class Produced implements Operation {
  readonly id: number;
  readonly name = 'kafka.produce';
  readonly #place: PartitionOf;
  readonly #records: Buffer;
  #attributes: OperationAttributes | undefined;
  #content: readonly Buffer[] | undefined;

  constructor(id: number, place: PartitionOf, records: Buffer) {
    this.id = id;
    this.#place = place;
    this.#records = records;
  }

  get attributes(): OperationAttributes {
    if (this.#attributes === undefined) {
      const batches = recordBatches(this.#records);
      const key = onlyKey(batches);
      const { topic, partition } = this.#place;
      const records = batches.reduce((sum, batch) => sum + batch.records, 0);
      this.#attributes = { topic, partition, records, ...(key === undefined ? {} : { key }) };
    }
    return this.#attributes;
  }

  get content(): readonly Buffer[] {
    this.#content ??= recordBatches(this.#records).map(contentOf);
    return this.#content;
  }
}

const topicOf = (body: FieldReader, byId: boolean, topics: TopicNames) => {
  if (!byId) return { topic: body.text() ?? '' };
  const topicId = body.uuid();
  return { topic: topics.get(topicId) ?? topicId, topicId };
};

function produced(request: Request, firstId: number, topics: TopicNames): Operation[] {
  const { body, version } = request;
  if (version >= PRODUCE_TRANSACTIONS_FROM) body.text();
  request.oneWay = body.int16() === 0;
  body.int32();
  const found: (PartitionOf & { readonly records: Buffer })[] = [];
  body.array(() => {
    const topic = topicOf(body, version >= PRODUCE_TOPIC_IDS_FROM, topics);
    body.array(() => {
      const partition = body.int32();
      found.push({ ...topic, partition, records: body.blob() ?? Buffer.alloc(0) });
      body.tags();
    });
    body.tags();
  });
  request.partitions = found;
  return found.map((place, index) => new Produced(firstId + index, place, place.records));
}

function committed(request: Request, firstId: number, topics: TopicNames): Operation[] {
  const { body, version, bytes } = request;
  const group = body.text() ?? '';
  const generation = body.int32();
  body.text();
  if (version >= COMMIT_INSTANCE_FROM) body.text();
  if (version >= COMMIT_RETENTION.from && version <= COMMIT_RETENTION.until) body.int64();
  const found: (PartitionOf & { readonly offset: number })[] = [];
  body.array(() => {
    const topic = topicOf(body, version >= COMMIT_TOPIC_IDS_FROM, topics);
    body.array(() => {
      const partition = body.int32();
      found.push({ ...topic, partition, offset: body.int64() });
      if (version >= COMMIT_EPOCH_FROM) body.int32();
      body.text();
      body.tags();
    });
    body.tags();
  });
  request.partitions = found;
  return found.map(({ topic, partition, offset }, index) => ({
    id: firstId + index,
    name: 'kafka.offset-commit',
    attributes: { group, topic, partition, offset, generation },
    content: [bytes],
  }));
}
