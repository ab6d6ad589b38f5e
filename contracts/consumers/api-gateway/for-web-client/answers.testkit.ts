import { MatchersV3 } from '@pact-foundation/pact';
import { expect } from 'vitest';
import { ERRORS, type ErrorCode } from '#contracts/spec/errors/registry.ts';
import type { RestResponse } from '#harness/clients/rest.ts';
import type { Outcome } from '#harness/contracts/consumer/contract.ts';
import { TRACE_ID } from '#harness/contracts/consumer/examples.ts';
import type { HttpAnswer } from '#harness/contracts/consumer/http.ts';
import { webClient } from '#harness/contracts/consumer/web-client.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import type { User } from '#harness/scenario/user.ts';
import type { World } from '#harness/scenario/world.ts';

const { eachLike, regex, string } = MatchersV3;

type Json = Readonly<Record<string, unknown>>;

/** Every request begins a trace of its own; the contract's example is this one. */
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;
const traceparent = (pattern: RegExp) => regex(pattern, TRACEPARENT);

/** Headers of every request of the web client. */
export const asking = (more: Json = {}) => ({
  authorization: `Bearer ${FICTION.accessToken}`,
  traceparent: traceparent(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
  ...more,
});

/** Those of a command, with the key that makes it safe to repeat. */
export const commanding = (more: Json = {}) =>
  asking({ 'idempotency-key': FICTION.idempotencyKey, ...more });

/** Headers of every answer: it belongs to the trace of its request. */
const answering = (contentType: string, more: Json) => ({
  'content-type': regex(
    new RegExp(`^${contentType.replace('+', '\\+')}(; ?charset=utf-8)?$`),
    contentType,
  ),
  'x-trace-id': TRACE_ID,
  traceparent: traceparent(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-0[01]$`)),
  ...more,
});

/** A success. */
export const succeeded = (status: number, body: unknown, headers: Json = {}): HttpAnswer => ({
  status,
  headers: answering('application/json', headers),
  body,
});

/** Seconds to wait. */
const retryAfter = () => regex(/^[1-9][0-9]*$/, '1');

/** A problem detail of RFC 9457 about a request for `instance`. */
export function refused(
  code: ErrorCode,
  instance: string,
  about: { readonly more?: Json } = {},
): HttpAnswer {
  const { http, title } = ERRORS[code];
  const headers = {
    ...(http === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(http === 429 || http === 503 ? { 'retry-after': retryAfter() } : {}),
  };
  return {
    status: http,
    headers: answering('application/problem+json', headers),
    body: {
      type: `urn:sagaproof:error:${code}`,
      title: regex(/^.+$/, title),
      status: http,
      code,
      instance,
      traceId: TRACE_ID,
      ...about.more,
    },
  };
}

/** Where a request is wrong; one place can be wrong in several ways. */
export const wrongAt = (pointer: string) => ({
  more: { errors: eachLike({ pointer, detail: string('is wrong') }) },
});

/** RFC 3339 in UTC, to the millisecond. */
export const instant = (example = '2026-11-22T09:00:00.250Z') =>
  regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, example);

const HEADERS = [
  ...['content-type', 'location', 'retry-after', 'traceparent', 'www-authenticate', 'x-trace-id'],
];

/** What the web client sees of an answer; it hands all of the body on to the history. */
export interface Seen {
  readonly status: number;
  readonly headers: Json;
  readonly body: Json;
}

/** The web client, as the contract's user, asks and looks at the answer. */
export const seeing =
  (use: (user: User, world: World) => Promise<RestResponse>) =>
  async (baseUrl: string): Promise<Seen> => {
    await using client = webClient({ gateway: new URL(baseUrl).host });
    const { status, headers, body } = await use(client.user, client.world);
    return {
      status,
      headers: Object.fromEntries(
        HEADERS.flatMap((name) => {
          const value = headers.get(name);
          return value === null ? [] : [[name, value]];
        }),
      ),
      body,
    };
  };

/** The client saw this status, and at least this of the body. */
export const sees =
  (status: number, body: object = {}) =>
  (outcome: Outcome<unknown>): void =>
    expect(outcome).toMatchObject({ kind: 'done', value: { status, body } });

/** The client saw a problem with this code. */
export const seesProblem = (code: ErrorCode) => sees(ERRORS[code].http, { code });
