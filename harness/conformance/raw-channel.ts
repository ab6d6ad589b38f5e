import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import { ERROR_CODE_TRAILER } from '#contracts/spec/errors/registry.ts';
import { GRPC_STATUSES } from '../kernel/grpc-statuses.ts';

/** Nothing that is checked takes this long; what has not answered by then hangs. */
const ANSWER_TIMEOUT_MS = 8_000;
const PREFIX_BYTES = 5;

/** How a call ended. */
export interface RawAnswer {
  /**
   * A gRPC status; or what came in the place of one: `RESET` (the stream was, with the code in
   * `details`), `LOST` (the connection was), `NO ANSWER`, `NO STATUS`.
   */
  readonly status: (typeof GRPC_STATUSES)[number] | 'RESET' | 'LOST' | 'NO ANSWER' | 'NO STATUS';
  /** The error registry's code, from the trailer. */
  readonly code?: string;
  readonly details: string;
  /** The first message of the answer, without its prefix. */
  readonly message?: Uint8Array;
  readonly afterMs: number;
}

export interface RawCall {
  /** As the protocol writes it: `/package.Service/Method`. */
  readonly path: string;
  /** What goes into the message's frame; it may be anything. Absent: the call has no message. */
  readonly message?: Uint8Array;
  /** The value of `grpc-timeout`; nothing is enforced on this side. */
  readonly timeout?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Gives the call up this long after it was sent. */
  readonly cancelAfterMs?: number;
}

/**
 * gRPC by hand, over HTTP/2: a client library refuses to send what is checked here (a deadline that
 * has passed, bytes that are no message), and would answer in the server's place.
 */
export class RawChannel {
  readonly #url: string;
  #session: ClientHttp2Session | undefined;

  /** @param address host:port */
  constructor(address: string) {
    this.#url = `http://${address}`;
  }

  /** Makes a unary call; never rejects. A lost connection is replaced. */
  async call(request: RawCall): Promise<RawAnswer> {
    const startedAt = performance.now();
    const end = await this.#exchange(request);
    return { ...end, afterMs: Math.round(performance.now() - startedAt) };
  }

  close(): void {
    this.#session?.destroy();
  }

  #connected(): ClientHttp2Session {
    if (this.#session !== undefined && !this.#session.closed && !this.#session.destroyed) {
      return this.#session;
    }
    const session = connect(this.#url);
    // A stream tells of its connection's end, too; without a listener the process would end.
    session.on('error', () => undefined);
    session.unref();
    this.#session = session;
    return session;
  }

  async #exchange(request: RawCall): Promise<Omit<RawAnswer, 'afterMs'>> {
    const stream = this.#connected().request({
      ':method': 'POST',
      ':path': request.path,
      ':scheme': 'http',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(request.timeout === undefined ? {} : { 'grpc-timeout': request.timeout }),
      ...request.headers,
    });
    const ended = endOf(stream);
    if (request.message === undefined) stream.end();
    else stream.end(framed(request.message));
    if (request.cancelAfterMs !== undefined) {
      await pause(request.cancelAfterMs);
      stream.close(constants.NGHTTP2_CANCEL);
    }
    const gaveUp = new AbortController();
    try {
      return await Promise.race([ended, hang(gaveUp.signal)]);
    } finally {
      gaveUp.abort();
      stream.close(constants.NGHTTP2_CANCEL);
    }
  }
}

async function hang(signal: AbortSignal): Promise<Omit<RawAnswer, 'afterMs'>> {
  await pause(ANSWER_TIMEOUT_MS, undefined, { signal }).catch(() => undefined);
  return { status: 'NO ANSWER', details: `nothing came within ${ANSWER_TIMEOUT_MS} ms` };
}

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function endOf(stream: ClientHttp2Stream): Promise<Omit<RawAnswer, 'afterMs'>> {
  const chunks: Buffer[] = [];
  let trailers: IncomingHttpHeaders | undefined;
  let failure: Error | undefined;
  return new Promise((resolve) => {
    stream.on('response', (headers) => {
      if (headers['grpc-status'] !== undefined) trailers = headers;
    });
    stream.on('trailers', (headers: IncomingHttpHeaders) => {
      trailers = headers;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', (error) => {
      failure = error;
    });
    stream.on('close', () => {
      if (trailers !== undefined) resolve(answerOf(trailers, Buffer.concat(chunks)));
      else resolve(withoutStatus(stream, failure));
    });
  });
}

function answerOf(trailers: IncomingHttpHeaders, body: Buffer): Omit<RawAnswer, 'afterMs'> {
  const code = trailers[ERROR_CODE_TRAILER];
  return {
    status: GRPC_STATUSES[Number(trailers['grpc-status'])] ?? 'UNKNOWN',
    details: unescaped(String(trailers['grpc-message'] ?? '')),
    ...(typeof code === 'string' ? { code } : {}),
    ...(body.length < PREFIX_BYTES ? {} : { message: messageOf(body) }),
  };
}

const messageOf = (body: Buffer): Uint8Array =>
  body.subarray(PREFIX_BYTES, PREFIX_BYTES + body.readUInt32BE(1));

/** Servers percent-encode the text; one that does it wrong is shown as it is. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function withoutStatus(
  { rstCode }: ClientHttp2Stream,
  failure: Error | undefined,
): Omit<RawAnswer, 'afterMs'> {
  const text = failure?.message ?? '';
  if (failure !== undefined && !/^Stream closed with error code/.test(text)) {
    return { status: 'LOST', details: text };
  }
  if (rstCode !== undefined && rstCode !== constants.NGHTTP2_NO_ERROR) {
    return { status: 'RESET', details: RESET_NAMES.get(rstCode) ?? String(rstCode) };
  }
  return { status: 'NO STATUS', details: 'the stream ended without a grpc-status' };
}

const RESET_NAMES: ReadonlyMap<number, string> = new Map(
  [
    'NGHTTP2_PROTOCOL_ERROR',
    'NGHTTP2_INTERNAL_ERROR',
    'NGHTTP2_FLOW_CONTROL_ERROR',
    'NGHTTP2_STREAM_CLOSED',
    'NGHTTP2_REFUSED_STREAM',
    'NGHTTP2_CANCEL',
    'NGHTTP2_ENHANCE_YOUR_CALM',
  ].map((name) => [
    constants[name as keyof typeof constants] as number,
    name.replace('NGHTTP2_', ''),
  ]),
);
