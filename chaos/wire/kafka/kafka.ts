/** Kafka's protocol: https://kafka.apache.org/protocol */
import { MessageReader, type Step } from '../message-reader.ts';
import {
  type Decoder,
  type Message,
  OpaqueError,
  type Operation,
  type Protocol,
  type Side,
} from '../protocol.ts';
import { answerEnds } from './answers.ts';
import { APIS, SASL_HANDSHAKE, UNKNOWN } from './apis.ts';
import { errorAnswer } from './error-answers.ts';
import { FieldReader } from './fields.ts';
import { operationsOf, type Request, type TopicNames } from './requests.ts';

/** Brokers take 100 MB at most; what is not Kafka looks like more. */
const REQUEST_BYTES_MAX = 32 << 20;
const SIZE_BYTES = 4;
/** Size, key, version, correlation id and the length of the client id. */
const HEADER_BYTES_MIN = 14;
const API_KEY_MAX = 100;
const VERSION_MAX = 30;

export const kafka = (): Protocol => {
  const names = [...new Set([...Object.values(APIS), UNKNOWN].map(({ name }) => name))];
  return {
    name: 'kafka',
    operations: names.map((name) => `kafka.${name}`),
    open: () => new KafkaDecoder(),
  };
};

class KafkaDecoder implements Decoder {
  readonly #reader = new MessageReader();
  /** By correlation id: requests whose answer has not come, more than one if they are repeated. */
  readonly #open = new Map<number, Request>();
  readonly #repeated = new Map<number, number>();
  readonly #byOperation = new WeakMap<Operation, Request>();
  /** Newer versions name topics by id; the answers to metadata requests say which is which. */
  readonly #topics: TopicNames = new Map();
  #operations = 0;

  read(from: Side, bytes: Buffer): readonly Message[] {
    return this.#reader.read(from, bytes, (unread) => this.#next(from, unread));
  }

  pending(from: Side): Buffer {
    return this.#reader.pending(from);
  }

  forward(message: Message): Buffer {
    const [operation] = message.begins;
    const request = operation && this.#byOperation.get(operation);
    // Forwarded again: there will be two answers with this correlation id.
    if (request?.forwarded && !request.oneWay) {
      this.#repeated.set(request.correlation, (this.#repeated.get(request.correlation) ?? 0) + 1);
    }
    if (request) request.forwarded = true;
    return message.bytes;
  }

  withhold(message: Message): object {
    const [operation] = message.begins;
    const request = operation && this.#byOperation.get(operation);
    if (request) this.#open.delete(request.correlation);
    return {};
  }

  errorAnswer(operation: Operation, code: string): Buffer | undefined {
    const request = this.#byOperation.get(operation);
    return request && errorAnswer(request, code);
  }

  #next(from: Side, unread: Buffer): Step {
    if (unread.length < SIZE_BYTES) return { needs: SIZE_BYTES };
    const size = unread.readInt32BE();
    if (size < SIZE_BYTES || size > REQUEST_BYTES_MAX) {
      throw new OpaqueError(`not Kafka, or a message of ${size} bytes`);
    }
    if (unread.length < SIZE_BYTES + size) return { needs: SIZE_BYTES + size };
    const frame = unread.subarray(0, SIZE_BYTES + size);
    return { message: from === 'client' ? this.#request(frame) : this.#answer(frame) };
  }

  #request(bytes: Buffer): Message {
    const request = requestOf(bytes);
    const first = this.#operations + 1;
    const operations = operationsOf(request, first, this.#topics);
    this.#operations += operations.length;
    request.ids = operations.map(({ id }) => id);
    for (const operation of operations) this.#byOperation.set(operation, request);
    const ends = request.oneWay ? request.ids.map((id) => ({ id, outcome: 'ok' as const })) : [];
    if (!request.oneWay) this.#open.set(request.correlation, request);
    return { from: 'client', bytes, begins: operations, answers: [], ends };
  }

  #answer(bytes: Buffer): Message {
    if (bytes.length < 2 * SIZE_BYTES) throw new OpaqueError('an answer without a correlation id');
    const correlation = bytes.readInt32BE(SIZE_BYTES);
    const request = this.#open.get(correlation);
    if (request === undefined) {
      const copies = this.#repeated.get(correlation) ?? 0;
      if (copies === 0) throw new OpaqueError(`an answer to no request (${correlation})`);
      if (copies > 1) this.#repeated.set(correlation, copies - 1);
      else this.#repeated.delete(correlation);
      return { from: 'server', bytes, begins: [], answers: [], ends: [], surplus: true };
    }
    this.#open.delete(correlation);
    const ends = answerEnds(request, bytes, this.#topics);
    return { from: 'server', bytes, begins: [], answers: request.ids, ends };
  }
}

/** @throws OpaqueError when this is no request of Kafka */
function requestOf(bytes: Buffer): Request {
  if (bytes.length < HEADER_BYTES_MIN) throw new OpaqueError('a request without a header');
  const key = bytes.readInt16BE(4);
  const version = bytes.readInt16BE(6);
  if (key < 0 || key > API_KEY_MAX || version < 0 || version > VERSION_MAX) {
    throw new OpaqueError(`unknown request ${key}, version ${version}`);
  }
  // Version 0 is followed by bytes of the mechanism that have no header.
  if (key === SASL_HANDSHAKE && version === 0) throw new OpaqueError('SASL without a header');
  const api = APIS[key] ?? UNKNOWN;
  const flexible = version >= api.flexibleFrom;
  const correlation = bytes.readInt32BE(8);
  let body: FieldReader;
  try {
    body = new FieldReader(bytes, HEADER_BYTES_MIN, flexible);
    body.skip(Math.max(0, bytes.readInt16BE(12)));
    body.tags();
  } catch {
    throw new OpaqueError('a request with a broken header');
  }
  return { key, version, api, flexible, correlation, bytes, body, ids: [], oneWay: false };
}
