import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { OperationName } from '../history/event.ts';
import type { Shard } from '../history/shard.ts';

/** An answer of the gateway. */
export interface RestResponse {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, or the text when it is none. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The trace that the request began, 32 hex digits. */
  readonly traceId: string;
}

export interface RestRequest {
  readonly name: OperationName;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly token?: string;
  readonly userId?: string;
  readonly idempotencyKey?: string;
  /** Sent as JSON; `rawBody` is sent as it is. */
  readonly json?: unknown;
  readonly rawBody?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
}

/** Longer than a gateway takes for any answer, also on a machine that has more to do. */
const ANSWER_DEADLINE_MS = 20_000;

/** An operation that got no answer: whether it happened is unknown. */
export class NoAnswer extends Error {}

/**
 * The web client of a scenario: speaks REST to a gateway and records every operation, `ok`,
 * `fail` or `info`, before the scenario sees the answer.
 */
export class RestClient {
  readonly #base: string;
  readonly #scenario: string;
  readonly #shard: Shard;
  #operations = 0;

  constructor(base: string, scenario: string, shard: Shard) {
    this.#base = base;
    this.#scenario = scenario;
    this.#shard = shard;
  }

  /** Sends a request. Throws {@link NoAnswer} when none came within the deadline. */
  async send(request: RestRequest): Promise<RestResponse> {
    const traceId = randomBytes(16).toString('hex');
    const operation = `${this.#scenario}#${process.pid}.${++this.#operations}.${traceId.slice(0, 8)}`;
    const body = request.rawBody ?? (request.json === undefined ? null : jsonOf(request.json));
    const about = { operation, name: request.name, scenario: this.#scenario };
    this.#shard.record({
      type: 'invoke',
      ...about,
      traceId,
      ...(request.userId === undefined ? {} : { userId: request.userId }),
      ...(request.idempotencyKey === undefined ? {} : { idempotencyKey: request.idempotencyKey }),
      ...(body === null ? {} : { bodyDigest: digest(`${request.path}\n${body}`) }),
      request: { method: request.method, path: request.path, ...bounded(request.json) },
    });
    try {
      const response = await this.#exchange(request, body, traceId);
      this.#completed(about, response);
      return response;
    } catch (error) {
      this.#shard.record({ type: 'info', ...about, status: 0 });
      throw new NoAnswer(`${request.method} ${request.path} got no answer`, { cause: error });
    }
  }

  async #exchange(
    request: RestRequest,
    body: string | null,
    traceId: string,
  ): Promise<RestResponse> {
    const response = await fetch(new URL(request.path, this.#base), {
      method: request.method,
      body,
      headers: {
        traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
        ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
        ...(request.idempotencyKey === undefined
          ? {}
          : { 'idempotency-key': request.idempotencyKey }),
        ...(body === null ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
      },
      signal: AbortSignal.timeout(request.deadlineMs ?? ANSWER_DEADLINE_MS),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text), traceId };
  }

  #completed(
    about: { operation: string; name: OperationName; scenario: string },
    response: RestResponse,
  ): void {
    const { jobId, orderId, code } = response.body;
    this.#shard.record({
      type: outcomeOf(response),
      ...about,
      status: response.status,
      ...(typeof code === 'string' ? { code } : {}),
      ...(typeof jobId === 'string' ? { jobId } : {}),
      ...(typeof orderId === 'string' ? { orderId } : {}),
      response: response.body,
      headers: recordedHeaders(response.headers),
    });
  }
}

/** Headers of the connection: they say nothing about the answer. */
const CONNECTION_HEADERS = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'transfer-encoding',
]);
/** An answer has fewer; a history stays small also where one has more. */
const HEADERS_MAX = 32;
const HEADER_CHARS_MAX = 512;

/** The headers of an answer as the history keeps them. */
function recordedHeaders(headers: Headers): Readonly<Record<string, string>> {
  const kept = [...headers].filter(([name]) => !CONNECTION_HEADERS.has(name));
  return Object.fromEntries(
    kept.slice(0, HEADERS_MAX).map(([name, value]) => [name, value.slice(0, HEADER_CHARS_MAX)]),
  );
}

/** What an HTTP answer says of the operation; see `OperationCompleted`. */
export function outcomeOf(response: Pick<RestResponse, 'status' | 'body'>): 'ok' | 'fail' | 'info' {
  if (response.status < 400) return 'ok';
  if (response.status < 500) return 'fail';
  return response.status === 503 && response.body['code'] === 'unavailable' ? 'fail' : 'info';
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

const jsonOf = (value: unknown): string => JSON.stringify(value);

/** Requests are kept in the history for the reader of a report, unless they are huge. */
const REQUEST_BYTES_MAX = 8_192;
const bounded = (json: unknown): { json?: unknown } =>
  json !== undefined && jsonOf(json).length <= REQUEST_BYTES_MAX ? { json } : {};

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : { value };
  } catch {
    return { text };
  }
}

/** Longest time that a client retries. */
const RETRY_LIMIT_MS = 150_000;
/** Pause before a retry without a Retry-After: a connection may be refused at once. */
const RETRY_AFTER_MS_DEFAULT = 100;

/**
 * Sends as a well-behaved client does: no answer, a 408 (the request came too late, RFC 9110
 * section 15.5.9), and a 503 after as long as Retry-After says, is tried again. What is sent must
 * be safe to repeat: a query, or a command with its key.
 */
export async function sendWithRetry(send: () => Promise<RestResponse>): Promise<RestResponse> {
  const end = performance.now() + RETRY_LIMIT_MS;
  for (;;) {
    const response = await send().catch((error: unknown) => {
      if (error instanceof NoAnswer && performance.now() < end) return undefined;
      throw error;
    });
    const againAfterMs = response === undefined ? RETRY_AFTER_MS_DEFAULT : retryAfterMs(response);
    if (response !== undefined && (againAfterMs === undefined || performance.now() > end)) {
      return response;
    }
    await pause(againAfterMs);
  }
}

/** When a request may be sent once more; undefined where its answer is final. */
function retryAfterMs({ status, headers }: RestResponse): number | undefined {
  if (status === 408) return RETRY_AFTER_MS_DEFAULT;
  const seconds = headers.get('retry-after');
  return status === 503 && seconds !== null ? Number(seconds) * 1_000 : undefined;
}
