/** How Kafka's requests are answered. */
import type { AnswerPart, OperationEnd } from '../protocol.ts';
import { API_VERSIONS, FETCH, METADATA, OFFSET_COMMIT, PRODUCE } from './apis.ts';
import { errorName } from './errors.ts';
import { FieldReader } from './fields.ts';
import { contentOf, recordBatches } from './record-batches.ts';
import type { Request, TopicNames } from './requests.ts';

/** Size and correlation id. */
const HEADER_BYTES = 8;

/** One for each operation of the request. */
export function answerEnds(
  request: Request,
  bytes: Buffer,
  topics: TopicNames,
): readonly OperationEnd[] {
  try {
    switch (request.key) {
      case PRODUCE:
        return produceEnds(request, bytes);
      case OFFSET_COMMIT:
        return commitEnds(request, bytes);
      case FETCH:
        return request.ids.map((id) => new FetchEnd(id, request, bytes, topics));
      case METADATA:
        learnTopics(request, bytes, topics);
        break;
      default:
    }
  } catch (error) {
    // A version whose fields are others: answered, with what is not known.
    if (!(error instanceof RangeError)) throw error;
    return request.ids.map((id) => ({ id, outcome: 'ok' }));
  }
  const code = plainError(request, bytes);
  return request.ids.map((id) => endOf(id, code));
}

const endOf = (id: number, code: number, attributes?: OperationEnd['attributes']): OperationEnd =>
  code === 0
    ? { id, outcome: 'ok', ...(attributes ? { attributes } : {}) }
    : { id, outcome: 'error', code: errorName(code) };

/** At the first field of the body. */
function bodyOf({ key, flexible }: Request, bytes: Buffer): FieldReader {
  const body = new FieldReader(bytes, HEADER_BYTES, flexible);
  // Clients do not know yet what the broker supports.
  if (key !== API_VERSIONS) body.tags();
  return body;
}

function plainError(request: Request, bytes: Buffer): number {
  const { error } = request.api;
  const { version } = request;
  if (error === undefined || version > (error.until ?? version)) return 0;
  try {
    const body = bodyOf(request, bytes);
    if (version >= error.throttleFrom) body.int32();
    return body.int16();
  } catch {
    return 0;
  }
}

function produceEnds(request: Request, bytes: Buffer): OperationEnd[] {
  const { version, ids } = request;
  const body = bodyOf(request, bytes);
  const codes: { readonly code: number; readonly offset: number }[] = [];
  body.array(() => {
    if (version >= 13) body.uuid();
    else body.text();
    body.array(() => {
      body.int32();
      codes.push({ code: body.int16(), offset: body.int64() });
      if (version >= 2) body.int64();
      if (version >= 5) body.int64();
      if (version >= 8) {
        body.array(() => {
          body.int32();
          body.text();
          body.tags();
        });
        body.text();
      }
      body.tags();
    });
    body.tags();
  });
  return ids.map((id, index) => {
    const { code = 0, offset = 0 } = codes[index] ?? {};
    return endOf(id, code, { offset });
  });
}

function commitEnds(request: Request, bytes: Buffer): OperationEnd[] {
  const { version, ids } = request;
  const body = bodyOf(request, bytes);
  if (version >= 3) body.int32();
  const codes: number[] = [];
  body.array(() => {
    if (version >= 10) body.uuid();
    else body.text();
    body.array(() => {
      body.int32();
      codes.push(body.int16());
      body.tags();
    });
    body.tags();
  });
  return ids.map((id, index) => endOf(id, codes[index] ?? 0));
}

/** Read when someone asks: most fetches are large, and no rule or recording is about them. */
class FetchEnd implements OperationEnd {
  readonly id: number;
  readonly #request: Request;
  readonly #bytes: Buffer;
  readonly #topics: TopicNames;
  #read: ReturnType<typeof readFetch> | undefined;

  constructor(id: number, request: Request, bytes: Buffer, topics: TopicNames) {
    this.id = id;
    this.#request = request;
    this.#bytes = bytes;
    this.#topics = topics;
  }

  get outcome(): 'ok' | 'error' {
    return this.#answer.code === 0 ? 'ok' : 'error';
  }

  get code(): string | undefined {
    return this.#answer.code === 0 ? undefined : errorName(this.#answer.code);
  }

  get parts(): readonly AnswerPart[] {
    return this.#answer.parts;
  }

  get #answer() {
    this.#read ??= readFetch(this.#request, this.#bytes, this.#topics);
    return this.#read;
  }
}

/** One part for each partition that has records; a fetch without records has none. */
function readFetch(request: Request, bytes: Buffer, topics: TopicNames) {
  const parts: AnswerPart[] = [];
  let code = 0;
  try {
    const { version } = request;
    const body = bodyOf(request, bytes);
    body.int32();
    if (version >= 7) {
      code = body.int16();
      body.int32();
    }
    body.array(() => {
      const id = version >= 13 ? body.uuid() : undefined;
      const topic = id === undefined ? (body.text() ?? '') : (topics.get(id) ?? id);
      body.array(() => {
        const part = fetchedPartition(body, version, topic);
        code ||= part.code;
        if (part.answer) parts.push(part.answer);
      });
      body.tags();
    });
  } catch {
    // A version whose fields are others, or one that is cut off: what was read counts.
  }
  return { code, parts };
}

function fetchedPartition(body: FieldReader, version: number, topic: string) {
  const partition = body.int32();
  const code = body.int16();
  body.int64();
  if (version >= 4) {
    body.int64();
    if (version >= 5) body.int64();
    body.array(() => {
      body.int64();
      body.int64();
      body.tags();
    });
  }
  if (version >= 11) body.int32();
  const batches = recordBatches(body.blob() ?? Buffer.alloc(0));
  body.tags();
  const [first] = batches;
  const last = batches.at(-1);
  if (!first || !last) return { code };
  const records = batches.reduce((sum, batch) => sum + batch.records, 0);
  const { firstOffset } = first;
  const { lastOffset } = last;
  const attributes = { topic, partition, firstOffset, lastOffset, records };
  let content: readonly Buffer[] | undefined;
  const answer: AnswerPart = {
    attributes,
    get content() {
      content ??= batches.map(contentOf);
      return content;
    },
  };
  return { code, answer };
}

/** Which topic has which id, from version 10 on. */
function learnTopics(request: Request, bytes: Buffer, topics: TopicNames): void {
  const { version } = request;
  if (version < 10) return;
  const body = bodyOf(request, bytes);
  body.int32();
  body.array(() => {
    body.int32();
    body.text();
    body.int32();
    body.text();
    body.tags();
  });
  body.text();
  body.int32();
  const int32s = () => body.array(() => body.int32());
  body.array(() => {
    body.int16();
    const name = body.text();
    const id = body.uuid();
    if (name !== undefined) topics.set(id, name);
    body.bool();
    body.array(() => {
      body.int16();
      body.int32();
      body.int32();
      body.int32();
      int32s();
      int32s();
      int32s();
      body.tags();
    });
    body.int32();
    body.tags();
  });
}
