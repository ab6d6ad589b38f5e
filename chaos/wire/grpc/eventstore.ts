/**
 * The calls of an event store that its clients use all the time, by what they do: appends and reads
 * of a stream, and the events of a subscription. Field numbers are those of EventStoreDB's
 * streams.proto.
 */
import type { Operation, OperationAttributes } from '../protocol.ts';
import { type Call, type CallContext, type CallEnd, Content, endOf, type Noted } from './call.ts';
import { encodeFields, Fields } from './protobuf.ts';

export const EVENTSTORE_OPERATIONS = ['append', 'read', 'subscribe', 'event'].map(
  (verb) => `eventstore.${verb}`,
);

const TYPES_CHARACTERS_MAX = 200;

export const STREAMS_SERVICE = 'event_store.client.streams.Streams';

/** How this call is followed, where it is one of those. */
export function eventstoreCall(context: CallContext): Call | undefined {
  if (context.service !== STREAMS_SERVICE) return undefined;
  if (context.method === 'BatchAppend') return new BatchAppendCall(context);
  if (context.method === 'Append') return new AppendCall(context);
  return context.method === 'Read' ? new ReadCall(context) : undefined;
}

const streamIn = (identifier: Fields | undefined): string => identifier?.text(3) ?? '';

/** The `type` in the metadata of an event, proposed or recorded. */
function typeOf(event: Fields, metadataField: number): string {
  const entries = event.buffers(metadataField).map((entry) => new Fields(entry));
  return entries.find((entry) => entry.text(1) === 'type')?.text(2) ?? '';
}

interface Appended {
  options: Fields | undefined;
  readonly types: string[];
  readonly content: Buffer[];
}

const nothingAppended = (): Appended => ({ options: undefined, types: [], content: [] });

/** Fields of what the stream is expected to be; a revision has a field with its number. */
const EXPECTED = { no_stream: 3, any: 4, exists: 5 } as const;
const EXPECTED_REVISION = 2;

function appendAttributes({ options, types }: Appended): OperationAttributes {
  const expected = Object.entries(EXPECTED).find(([, field]) => options?.has(field))?.[0];
  return {
    stream: streamIn(options?.message(1)),
    expected: expected ?? String(options?.number(EXPECTED_REVISION) ?? ''),
    events: types.length,
    types: types.join(' ').slice(0, TYPES_CHARACTERS_MAX),
  };
}

const successAttributes = (success: Fields): OperationAttributes => {
  const revision = success.number(1);
  const position = success.message(3)?.number(1);
  return {
    ...(revision === undefined ? {} : { revision: Number(revision) }),
    ...(position === undefined ? {} : { position: Number(position) }),
  };
};

/** Appends of one client share a call; a correlation id connects request and answer. */
class BatchAppendCall implements Call {
  readonly #context: CallContext;
  readonly #partial = new Map<string, Appended>();
  readonly #open = new Map<string, Operation>();
  readonly #correlations = new Map<number, Buffer>();
  /** Answers that the client must not get, by correlation id. */
  readonly #surplus = new Map<string, number>();

  constructor(context: CallContext) {
    this.#context = context;
  }

  requested(message: Buffer, noted: Noted): void {
    const request = new Fields(message);
    const correlation = request.buffers(1).at(-1) ?? Buffer.alloc(0);
    const key = correlation.toString('latin1');
    const appended = this.#partial.get(key) ?? nothingAppended();
    this.#partial.set(key, appended);
    appended.options ??= request.message(2);
    appended.content.push(message);
    appended.types.push(...request.buffers(3).map((event) => typeOf(new Fields(event), 2)));
    if (!request.number(4)) return;
    this.#partial.delete(key);
    const operation: Operation = {
      id: this.#context.nextId(),
      name: 'eventstore.append',
      attributes: appendAttributes(appended),
      content: [...appended.content, this.#context.metadata],
    };
    this.#open.set(key, operation);
    this.#correlations.set(operation.id, correlation);
    noted.begins.push(operation);
  }

  requestEnded(): void {}
  responding(): void {}

  responded(message: Buffer, noted: Noted): void {
    const answer = new Fields(message);
    const key = answer.buffers(1).at(-1)?.toString('latin1') ?? '';
    const operation = this.#open.get(key);
    if (!operation) {
      const copies = this.#surplus.get(key) ?? 0;
      if (copies > 1) this.#surplus.set(key, copies - 1);
      else this.#surplus.delete(key);
      noted.isSurplus ||= copies > 0;
      return;
    }
    this.#open.delete(key);
    this.#correlations.delete(operation.id);
    noted.answers.push(operation.id);
    const error = answer.message(2);
    noted.ends.push({
      id: operation.id,
      content: [message],
      ...(error ? { outcome: 'error', code: error.text(2) ?? 'Unknown' } : { outcome: 'ok' }),
      attributes: successAttributes(answer.message(3) ?? new Fields(Buffer.alloc(0))),
    });
  }

  closed(end: CallEnd, noted: Noted): void {
    for (const { id } of this.#open.values()) noted.ends.push(endOf(id, end));
    this.#open.clear();
  }

  repeat({ id }: Operation): boolean {
    const key = this.#correlations.get(id)?.toString('latin1');
    if (key === undefined) return false;
    this.#surplus.set(key, (this.#surplus.get(key) ?? 0) + 1);
    return true;
  }

  errorMessage({ id, attributes }: Operation, code: string): Buffer | undefined {
    const correlation = this.#correlations.get(id);
    const status = APPEND_ERRORS[code];
    if (!correlation || status === undefined) return undefined;
    const any = encodeFields([
      [1, `type.googleapis.com/event_store.client.${code}`],
      ...(code === 'WrongExpectedVersion' ? ([[2, WRONG_VERSION]] as const) : []),
    ]);
    const error = encodeFields([
      [1, status],
      [2, code],
      [3, any],
    ]);
    const stream = encodeFields([[3, String(attributes['stream'])]]);
    return encodeFields([
      [1, correlation],
      [2, error],
      [4, stream],
    ]);
  }
}

/** Their codes in google.rpc.Status, as the server has them. */
const APPEND_ERRORS: Readonly<Record<string, number>> = {
  WrongExpectedVersion: 6,
  StreamDeleted: 5,
  AccessDenied: 7,
  Timeout: 4,
  MaximumAppendSizeExceeded: 3,
  BadRequest: 3,
  Unknown: 2,
};
/** The stream is at revision 0, and was expected not to exist. */
const WRONG_VERSION = Buffer.from([0x08, 0, 0x32, 0]);

/** One append: the options, then each event, then the end of the client's messages. */
class AppendCall implements Call {
  readonly #context: CallContext;
  readonly #appended = nothingAppended();
  #id: number | undefined;
  #answer: Buffer | undefined;
  #isAnswered = false;

  constructor(context: CallContext) {
    this.#context = context;
  }

  requested(message: Buffer): void {
    const request = new Fields(message);
    this.#appended.options ??= request.message(1);
    this.#appended.content.push(message);
    const event = request.message(2);
    if (event) this.#appended.types.push(typeOf(event, 2));
  }

  requestEnded(noted: Noted): void {
    if (this.#id !== undefined) return;
    this.#id = this.#context.nextId();
    noted.begins.push({
      id: this.#id,
      name: 'eventstore.append',
      attributes: appendAttributes(this.#appended),
      content: [...this.#appended.content, this.#context.metadata],
    });
  }

  responding(noted: Noted): void {
    if (this.#id === undefined || this.#isAnswered) return;
    this.#isAnswered = true;
    noted.answers.push(this.#id);
  }

  responded(message: Buffer): void {
    this.#answer = message;
  }

  closed(end: CallEnd, noted: Noted): void {
    if (this.#id === undefined) return;
    if (!end.isReset) this.responding(noted);
    const content = this.#answer ? [this.#answer] : [];
    const answer = new Fields(this.#answer ?? Buffer.alloc(0));
    const success = answer.message(1);
    const attributes = success ? successAttributes(success) : {};
    const isRefused = end.status === 'OK' && answer.has(2);
    noted.ends.push({
      ...endOf(this.#id, end, { content, attributes }),
      ...(isRefused ? { outcome: 'error', code: 'WrongExpectedVersion' } : {}),
    });
  }
}

/** A read ends with its call; a subscription when it is confirmed, and then pushes events. */
class ReadCall implements Call {
  readonly #context: CallContext;
  readonly #events = new Content();
  #operation: Operation | undefined;
  #count = 0;
  #isAnswered = false;
  #isConfirmed = false;

  constructor(context: CallContext) {
    this.#context = context;
  }

  requested(message: Buffer, noted: Noted): void {
    if (this.#operation) return;
    const options = new Fields(message).message(1);
    const stream = options?.message(1);
    const attributes = {
      stream: stream ? streamIn(stream.message(1)) : '$all',
      ...(options?.number(3) ? { backwards: true } : {}),
    };
    const verb = options?.has(6) ? 'subscribe' : 'read';
    const content = [message, this.#context.metadata];
    const id = this.#context.nextId();
    this.#operation = { id, name: `eventstore.${verb}`, attributes, content };
    noted.begins.push(this.#operation);
  }

  requestEnded(): void {}

  responding(noted: Noted): void {
    if (!this.#operation || this.#isAnswered) return;
    this.#isAnswered = true;
    noted.answers.push(this.#operation.id);
  }

  responded(message: Buffer, noted: Noted): void {
    const response = new Fields(message);
    const recorded = response.message(1)?.message(1);
    if (recorded) this.#count += 1;
    if (this.#operation?.name !== 'eventstore.subscribe') {
      this.#events.add(message);
    } else if (!this.#isConfirmed) {
      this.#isConfirmed = true;
      noted.ends.push({ id: this.#operation.id, outcome: 'ok' });
    } else if (recorded) {
      const id = this.#context.nextId();
      const attributes = eventAttributes(recorded);
      noted.begins.push({ id, name: 'eventstore.event', attributes, content: [message] });
      noted.ends.push({ id, outcome: 'ok' });
    }
  }

  closed(end: CallEnd, noted: Noted): void {
    if (!this.#operation || this.#isConfirmed) return;
    if (!end.isReset) this.responding(noted);
    const attributes = { events: this.#count };
    const content = this.#events.buffers;
    noted.ends.push(endOf(this.#operation.id, end, { content, attributes }));
  }
}

const eventAttributes = (recorded: Fields): OperationAttributes => ({
  stream: streamIn(recorded.message(2)),
  type: typeOf(recorded, 6),
  revision: Number(recorded.number(3) ?? 0),
  position: Number(recorded.number(5) ?? 0),
});
