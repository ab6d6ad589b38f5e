/** What a gRPC call asks and answers: one operation each, except for services that are known. */
import type { Operation, OperationEnd } from '../protocol.ts';

/** What a frame means; the parts of a `Message`. */
export interface Noted {
  readonly begins: Operation[];
  readonly answers: number[];
  readonly ends: OperationEnd[];
  /** It has nothing but answers to requests that were repeated. */
  isSurplus: boolean;
}

/** How a call ended: `OK`, `UNAVAILABLE`. */
export interface CallEnd {
  readonly status: string;
  readonly text?: string;
  /** The client gave up, or the connection of the call was reset. */
  readonly isReset?: boolean;
}

/** Follows one call. */
export interface Call {
  /** A message of the client is whole. */
  requested(message: Buffer, noted: Noted): void;
  /** The client has sent its last message. */
  requestEnded(noted: Noted): void;
  /** A message of the server begins. */
  responding(noted: Noted): void;
  /** A message of the server is whole. */
  responded(message: Buffer, noted: Noted): void;
  closed(end: CallEnd, noted: Noted): void;
  /** Whether an operation can be repeated within this call; otherwise the call is. */
  repeat?(operation: Operation): boolean;
  /** A message that answers an operation with an error and leaves the call open. */
  errorMessage?(operation: Operation, code: string): Buffer | undefined;
}

export interface CallContext {
  readonly service: string;
  readonly method: string;
  /** Metadata: identifiers are found in it, too. */
  readonly metadata: Buffer;
  readonly nextId: () => number;
}

/** Content of long streams is cut off: what a rule looks for is in the first messages. */
const ANSWER_BYTES_MAX = 256 * 1024;

/** Answers that are kept to look into. */
export class Content {
  readonly buffers: Buffer[] = [];
  #bytes = 0;

  add(message: Buffer): void {
    if (this.#bytes > ANSWER_BYTES_MAX) return;
    this.#bytes += message.length;
    this.buffers.push(message);
  }
}

export const endOf = (
  id: number,
  end: CallEnd,
  more: Partial<OperationEnd> = {},
): OperationEnd => ({
  id,
  ...(end.status === 'OK' ? { outcome: 'ok' } : { outcome: 'error', code: end.status }),
  ...more,
  attributes: {
    status: end.status,
    ...(end.text ? { message: end.text } : {}),
    ...(end.isReset ? { reset: true } : {}),
    ...more.attributes,
  },
});

/**
 * A call of any service: `grpc.call`. It begins with its first message: a server does nothing for a
 * call before. It is answered by the server's first message and ends with the call.
 */
export class PlainCall implements Call {
  readonly #context: CallContext;
  readonly #answer = new Content();
  #operation: Operation | undefined;
  #isAnswered = false;

  constructor(context: CallContext) {
    this.#context = context;
  }

  requested(message: Buffer, noted: Noted): void {
    this.#begin([message], noted);
  }

  requestEnded(noted: Noted): void {
    this.#begin([], noted);
  }

  #begin(messages: readonly Buffer[], noted: Noted): void {
    if (this.#operation) return;
    const { service, method, metadata, nextId } = this.#context;
    this.#operation = {
      id: nextId(),
      name: 'grpc.call',
      attributes: { service, method },
      content: [...messages, metadata],
    };
    noted.begins.push(this.#operation);
  }

  responding(noted: Noted): void {
    if (!this.#operation || this.#isAnswered) return;
    this.#isAnswered = true;
    noted.answers.push(this.#operation.id);
  }

  responded(message: Buffer): void {
    this.#answer.add(message);
  }

  closed(end: CallEnd, noted: Noted): void {
    if (!this.#operation) return;
    if (!end.isReset) this.responding(noted);
    noted.ends.push(endOf(this.#operation.id, end, { content: this.#answer.buffers }));
  }
}
