/** One stream of HTTP/2 as a gRPC call: its messages, cut out of frames. */
import { gunzipSync, inflateSync } from 'node:zlib';
import { GRPC_STATUSES } from '../../../harness/kernel/grpc-statuses.ts';
import type { Operation } from '../protocol.ts';
import { type Call, type CallEnd, type Noted, PlainCall } from './call.ts';
import { eventstoreCall } from './eventstore.ts';
import type { Field } from './hpack.ts';

/** A flag and the length. */
const PREFIX_BYTES = 5;
/** Larger messages pass, and have no content. */
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
/** Requests up to this size can be repeated as a call of their own. */
const REPEATABLE_BYTES_MAX = 64 * 1024;

/** Puts the messages of one direction together. */
class Messages {
  #encoding: string;
  #chunks: Buffer[] = [];
  #length = 0;
  #skip = 0;

  constructor(encoding: string) {
    this.#encoding = encoding;
  }

  add(data: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    this.#chunks.push(data);
    this.#length += data.length;
    while (this.#length > 0) {
      const all = Buffer.concat(this.#chunks, this.#length);
      const skipped = Math.min(this.#skip, all.length);
      this.#skip -= skipped;
      const bytes = all.subarray(skipped);
      const size = bytes.length < PREFIX_BYTES ? undefined : bytes.readUInt32BE(1) + PREFIX_BYTES;
      if (size !== undefined && size > MESSAGE_BYTES_MAX) {
        this.#skip = size;
        this.#keep(bytes);
        messages.push(Buffer.alloc(0));
        continue;
      }
      const isWhole = size !== undefined && bytes.length >= size;
      this.#keep(isWhole ? bytes.subarray(size) : bytes);
      if (!isWhole) break;
      const body = bytes.subarray(PREFIX_BYTES, size);
      messages.push(bytes[0] === 1 ? this.#decompressed(body) : body);
    }
    return messages;
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
  }

  #decompressed(body: Buffer): Buffer {
    const options = { maxOutputLength: MESSAGE_BYTES_MAX };
    try {
      if (this.#encoding === 'gzip') return gunzipSync(body, options);
      if (this.#encoding === 'deflate') return inflateSync(body, options);
    } catch {
      // Its identifiers are not found; the message passes all the same.
    }
    return body;
  }
}

/** Reasons of RST_STREAM, as gRPC maps them; all others are INTERNAL. */
const RESET_STATUS: Readonly<Record<number, string>> = {
  7: 'UNAVAILABLE',
  8: 'CANCELLED',
  11: 'RESOURCE_EXHAUSTED',
  12: 'PERMISSION_DENIED',
};

const headerOf = (fields: readonly Field[], name: string): string | undefined =>
  fields.find(([other]) => other === name)?.[1];

/** Texts of statuses are percent-encoded. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export class Stream {
  /** As the client numbers it. */
  readonly id: number;
  /** Of the request. */
  readonly fields: readonly Field[];
  readonly call: Call | undefined;
  /** Frames of the request so far; undefined when there are too many to repeat them. */
  requestFrames: Buffer[] | undefined = [];
  /** Operations that its request has begun so far. */
  begun = 0;
  /** Copies of this call, as the server numbers them. */
  readonly copies: number[] = [];
  /** The client has got the first headers of the answer. */
  hasHeaders = false;
  /** The proxy has cancelled it towards the server. */
  isCancelled = false;
  /** Operations that the proxy has answered with an error. */
  readonly answeredByProxy = new Set<number>();
  /** Its answer was a status: the call has ended for the client. */
  isEndedByProxy = false;
  /** An answer did not reach the client: nor does the end of the call, as it would show that. */
  hasLostAnswer = false;
  readonly #request: Messages;
  #response: Messages | undefined;
  #requestBytes = 0;

  constructor(id: number, fields: readonly Field[], nextId: () => number) {
    this.id = id;
    this.fields = fields;
    this.#request = new Messages(headerOf(fields, 'grpc-encoding') ?? '');
    const path = /^\/(.+)\/([^/]+)$/.exec(headerOf(fields, ':path') ?? '');
    const isGrpc = headerOf(fields, 'content-type')?.startsWith('application/grpc');
    if (!path || !isGrpc) return;
    const [, service = '', method = ''] = path;
    const text = fields.map(([name, value]) => `${name}: ${value}\n`).join('');
    const context = { service, method, metadata: Buffer.from(text, 'latin1'), nextId };
    this.call = eventstoreCall(context) ?? new PlainCall(context);
  }

  requested(data: Buffer, isLast: boolean, noted: Noted): void {
    for (const message of this.#request.add(data)) {
      this.#look((call) => call.requested(message, noted));
    }
    if (isLast) this.#look((call) => call.requestEnded(noted));
  }

  keepRequest(frame: Buffer): void {
    this.#requestBytes += frame.length;
    if (this.#requestBytes > REPEATABLE_BYTES_MAX) this.requestFrames = undefined;
    this.requestFrames?.push(frame);
  }

  /** @returns how the call ended, if these are its trailers */
  answerHeaders(fields: readonly Field[], isLast: boolean): CallEnd | undefined {
    this.#response ??= new Messages(headerOf(fields, 'grpc-encoding') ?? '');
    if (!isLast) return undefined;
    const status = headerOf(fields, 'grpc-status');
    const text = headerOf(fields, 'grpc-message');
    const name = status === undefined ? 'UNKNOWN' : (GRPC_STATUSES[Number(status)] ?? status);
    return { status: name, ...(text && name !== 'OK' ? { text: unescaped(text) } : {}) };
  }

  responded(data: Buffer, noted: Noted): void {
    if (data.length > 0) this.#look((call) => call.responding(noted));
    for (const message of this.#response?.add(data) ?? []) {
      this.#look((call) => call.responded(message, noted));
    }
  }

  reset(code: number, noted: Noted): void {
    this.closed({ status: RESET_STATUS[code] ?? 'INTERNAL', isReset: true }, noted);
  }

  closed(end: CallEnd, noted: Noted): void {
    this.#look((call) => call.closed(end, noted));
  }

  repeat(operations: readonly Operation[]): boolean {
    return operations.every((operation) => this.call?.repeat?.(operation));
  }

  /** A message that is no protobuf begins and ends nothing. */
  #look(look: (call: Call) => void): void {
    if (!this.call) return;
    try {
      look(this.call);
    } catch {
      // The readers of protobuf throw plain errors.
    }
  }
}
