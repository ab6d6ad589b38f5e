/**
 * HTTP/1.1 without TLS, and WebSockets that start with it.
 *
 * Bytes pass as they arrive: a message in several parts is forwarded part by part, so that streams
 * are not delayed, and a request begins with its last part. A tunnel (CONNECT) and other upgrades
 * are opaque.
 */
import { STATUS_CODES } from 'node:http';
import { MessageReader } from '../message-reader.ts';
import type { OperationEnd, Protocol, Side } from '../protocol.ts';
import { type Decoder, type Message, OpaqueError, type Operation } from '../protocol.ts';
import { type Head, type HttpEvent, HttpMessages } from './http-messages.ts';
import { WebSocketFrames } from './websocket.ts';

const CONTENT_BYTES_MAX = 256 * 1024;

/** A message that is being read. */
class Arriving {
  readonly head: Head;
  readonly content: Buffer[];
  #bytes = 0;

  constructor(head: Head) {
    const lines = head.headers.map(([name, value]) => `${name}: ${value}\n`);
    this.head = head;
    this.content = [Buffer.from(`${head.url}\n${lines.join('')}`)];
  }

  add(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes <= CONTENT_BYTES_MAX) this.content.push(bytes);
  }
}

/** An answer that the server has yet to give. */
interface Expected {
  readonly operation: Operation;
  readonly method: string;
  readonly isSurplus: boolean;
}

interface Draft {
  readonly begins: Operation[];
  readonly answers: number[];
  readonly ends: OperationEnd[];
  isSurplus: boolean;
}

interface Request {
  readonly operation: Operation;
  readonly method: string;
  /** In one part, so that it can be repeated. */
  readonly isWhole: boolean;
  isForwarded: boolean;
}

/** The first byte of a method. */
const isLetter = (byte = 0x41): boolean => byte >= 0x41 && byte <= 0x5a;

class HttpDecoder implements Decoder {
  readonly #requests = new HttpMessages('REQUEST', refuseTunnel);
  readonly #responses = new HttpMessages('RESPONSE', (head) => this.#hasNoBody(head));
  readonly #sent = new WeakMap<Message, Request>();
  readonly #expected: Expected[] = [];
  readonly #arriving: Partial<Record<Side, Arriving>> = {};
  readonly #frames = new MessageReader();
  #webSocket: Readonly<Record<Side, WebSocketFrames>> | undefined;
  /** No message has begun and not ended. */
  readonly #isBetween: Record<Side, boolean> = { client: true, server: true };
  #unread: Record<Side, Buffer> = { client: NOTHING, server: NOTHING };
  #lastId = 0;

  read(from: Side, bytes: Buffer): Message[] {
    if (this.#webSocket) return this.#readFrames(from, bytes);
    this.#unread[from] = bytes;
    if (from === 'client' && this.#isBetween.client && !isLetter(bytes[0])) {
      throw new OpaqueError('no request of HTTP/1.1');
    }
    const messages: Message[] = [];
    let at = 0;
    while (at < bytes.length && !this.#webSocket) {
      const part = bytes.subarray(at);
      const length = this.#part(from, part, messages);
      at += length;
    }
    this.#unread[from] = NOTHING;
    if (at < bytes.length) messages.push(...this.#readFrames(from, bytes.subarray(at)));
    return messages;
  }

  pending(from: Side): Buffer {
    return this.#webSocket ? this.#frames.pending(from) : this.#unread[from];
  }

  forward(message: Message): Buffer | undefined {
    const request = this.#sent.get(message);
    if (!request) return message.bytes;
    if (request.isForwarded && !request.isWhole) return undefined;
    const { operation, method, isForwarded } = request;
    this.#expected.push({ operation, method, isSurplus: isForwarded });
    request.isForwarded = true;
    return message.bytes;
  }

  errorAnswer({ name, attributes }: Operation, code: string): Buffer | undefined {
    return name === 'http.request' ? errorResponse(attributes['method'], code) : undefined;
  }

  #readFrames(from: Side, bytes: Buffer): Message[] {
    return this.#frames.read(from, bytes, (unread) => {
      const frames = this.#webSocket?.[from];
      return frames ? frames.next(unread) : { needs: unread.length + 1 };
    });
  }

  /** Reads up to the end of a message or all of it; @returns how many bytes that is. */
  #part(from: Side, bytes: Buffer, messages: Message[]): number {
    const parser = from === 'client' ? this.#requests : this.#responses;
    let at = 0;
    let draft = newDraft();
    let startsHere = this.#isBetween[from];
    const cut = (
      end: number,
      isEnd: boolean,
      request?: Omit<Request, 'isWhole' | 'isForwarded'>,
    ): void => {
      if (end === at) return;
      const { isSurplus, ...meaning } = draft;
      const message: Message = {
        ...{ from, bytes: bytes.subarray(at, end), ...meaning },
        ...(isSurplus ? { surplus: true } : {}),
      };
      if (request) this.#sent.set(message, { ...request, isWhole: startsHere, isForwarded: false });
      messages.push(message);
      at = end;
      this.#isBetween[from] = isEnd;
      draft = newDraft();
      startsHere = true;
    };
    for (const event of parser.feed(bytes)) {
      const request = this.#note(from, event, draft);
      if (event.kind === 'end') cut(event.at, true, request);
      if (this.#webSocket) return at;
    }
    if (this.#expected[0]?.isSurplus && from === 'server') draft.isSurplus = true;
    cut(bytes.length, false);
    return bytes.length;
  }

  #note(
    from: Side,
    event: HttpEvent,
    draft: Draft,
  ): Pick<Request, 'operation' | 'method'> | undefined {
    const arriving = this.#arriving[from];
    if (event.kind === 'head') {
      this.#arriving[from] = new Arriving(event.head);
      if (from === 'server') this.#answering(event.head, draft);
      return undefined;
    }
    if (event.kind === 'body') {
      arriving?.add(event.bytes);
      return undefined;
    }
    delete this.#arriving[from];
    if (!arriving) return undefined;
    return from === 'client' ? this.#requested(arriving, draft) : this.#answered(arriving, draft);
  }

  #requested(arriving: Arriving, draft: Draft): Pick<Request, 'operation' | 'method'> {
    const operation = operationOf(++this.#lastId, arriving);
    draft.begins.push(operation);
    return { operation, method: arriving.head.method };
  }

  #answering(head: Head, draft: Draft): void {
    const [expected] = this.#expected;
    if (!expected || isInterim(head)) return;
    draft.isSurplus = expected.isSurplus;
    if (expected.isSurplus) return;
    draft.answers.push(expected.operation.id);
    // Its end is that of the connection, which a decoder does not see.
    if (head.lasts) draft.ends.push(endOf(expected.operation.id, new Arriving(head)));
  }

  #answered(arriving: Arriving, draft: Draft): undefined {
    const { head } = arriving;
    if (isInterim(head)) return;
    const expected = this.#expected.shift();
    if (expected?.isSurplus) draft.isSurplus = true;
    else if (expected) draft.ends.push(endOf(expected.operation.id, arriving));
    if (head.status !== 101) return;
    const upgrade = head.headers.find(([name]) => name === 'upgrade')?.[1];
    if (upgrade?.toLowerCase() !== 'websocket') throw new OpaqueError(`an upgrade to ${upgrade}`);
    const nextId = () => ++this.#lastId;
    this.#webSocket = {
      client: new WebSocketFrames('client', nextId),
      server: new WebSocketFrames('server', nextId),
    };
  }

  #hasNoBody(head: Head): boolean {
    return !isInterim(head) && this.#expected[0]?.method === 'HEAD';
  }
}

function refuseTunnel({ method }: Head): boolean {
  if (method === 'CONNECT') throw new OpaqueError('a tunnel');
  return false;
}

function operationOf(id: number, { head, content }: Arriving): Operation {
  const { method, url, upgrade } = head;
  const [path = ''] = url.split('?', 1);
  const attributes = { method, path, ...(upgrade ? { upgrade: true } : {}) };
  return { id, name: 'http.request', attributes, content };
}

function errorResponse(method: unknown, code: string): Buffer | undefined {
  const reason = STATUS_CODES[code];
  if (reason === undefined || Number(code) < 400) return undefined;
  const body = JSON.stringify({ status: Number(code), title: reason });
  const lines = [
    `HTTP/1.1 ${code} ${reason}`,
    'content-type: application/problem+json',
    `content-length: ${body.length}`,
    // The server may have got a part of the request.
    'connection: close',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${method === 'HEAD' ? '' : body}`);
}

const NOTHING = Buffer.alloc(0);
const newDraft = (): Draft => ({ begins: [], answers: [], ends: [], isSurplus: false });
/** `100 Continue` and the like: the answer comes after it. */
const isInterim = ({ status }: Head): boolean => status < 200 && status !== 101;

function endOf(id: number, { head, content }: Arriving): OperationEnd {
  const { status } = head;
  const attributes = { status };
  return status >= 400
    ? { id, outcome: 'error', code: String(status), attributes, content }
    : { id, outcome: 'ok', attributes, content };
}

export const http: Protocol = {
  name: 'http',
  operations: ['http.request', 'ws.frame'],
  open: () => new HttpDecoder(),
};
