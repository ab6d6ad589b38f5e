import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ERRORS, type ErrorCode } from '#contracts/spec/errors/registry.ts';
import { crashOnBrokenAssertion, errorCodeOf, type OperationalError } from '#kit/errors.ts';
import { freshTrace } from './adapters/http-telemetry.ts';
import { type Mismatch, mismatchesOf } from './adapters/openapi.ts';

const RETRY_AFTER_SECONDS = 1;
const INSTANCE_LENGTH_MAX = 256;
export const PROBLEM_TYPE = 'application/problem+json';

/** On every response. */
export const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

interface Failure {
  readonly code: ErrorCode;
  readonly detail?: string;
  readonly errors?: readonly Mismatch[];
  readonly retryAfterSeconds?: number;
}

/** The single mapping of errors to HTTP. */
function failureOf(error: unknown): Failure {
  // The glue tries every security scheme and reports what each said; there is one.
  if (error instanceof Error && 'errors' in error && Array.isArray(error.errors)) {
    return failureOf(error.errors[0]);
  }
  const code = errorCodeOf(error);
  if (code !== undefined) {
    const seconds = (error as OperationalError).details?.['retryAfterSeconds'];
    const { http, title } = ERRORS[code];
    const { message } = error as Error;
    return {
      code,
      ...(http < 500 && message !== title ? { detail: message } : {}),
      ...(typeof seconds === 'number' ? { retryAfterSeconds: seconds } : {}),
    };
  }
  return failureOfFramework(error as Partial<FastifyError>);
}

function failureOfFramework(error: Partial<FastifyError>): Failure {
  if (error.validation !== undefined) {
    const part = PART_NAMES[error.validationContext ?? 'body'];
    const errors = mismatchesOf(part, error.validation as Parameters<typeof mismatchesOf>[1]);
    return { code: 'invalid-request', errors };
  }
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return { code: 'body-too-large' };
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return { code: 'unsupported-media-type' };
  const isClients = error.statusCode !== undefined && error.statusCode < 500;
  return isClients
    ? { code: 'invalid-request', detail: 'The request cannot be read.' }
    : { code: 'internal' };
}

const PART_NAMES = { body: 'body', querystring: 'query', params: 'path', headers: 'headers' };

/** Answers with the problem detail of an error; a 5xx says nothing about the inside. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  crashOnBrokenAssertion(error);
  const failure = failureOf(error);
  const { http } = ERRORS[failure.code];
  const { traceId, traceparent } = traceOf(request);
  reply.headers({ ...SECURITY_HEADERS, traceparent, 'x-trace-id': traceId });
  const line = { err: error, code: failure.code, trace_id: traceId };
  if (failure.code === 'internal') request.log.error(line, 'a request failed');
  else if (http >= 500) request.log.warn(line, 'a request could not be served');
  if (http === 401) reply.header('www-authenticate', 'Bearer');
  if (http === 429 || http === 503) {
    reply.header('retry-after', failure.retryAfterSeconds ?? RETRY_AFTER_SECONDS);
  }
  const [path = '/'] = request.url.split('?');
  reply
    .code(http)
    .type(PROBLEM_TYPE)
    .send(problem(failure, uriReference(path.slice(0, INSTANCE_LENGTH_MAX)), traceId));
}

/** Node accepts addresses that are no URI; what the client gets back is one. */
const uriReference = (path: string): string =>
  path.replaceAll(/%(?![0-9A-Fa-f]{2})|[^\w\-.~:/@!$&'()*+,;=%]/g, (character) =>
    encodeURIComponent(character),
  );

/** An address that cannot be decoded is refused before any hook, so it has no trace yet. */
function traceOf(request: FastifyRequest): ReturnType<typeof freshTrace> {
  return (request.traced as typeof request.traced | undefined) ?? freshTrace();
}

/** The body of a problem detail. */
export function problem({ code, detail, errors }: Failure, instance: string, traceId: string) {
  return {
    type: `urn:sagaproof:error:${code}`,
    title: ERRORS[code].title,
    status: ERRORS[code].http,
    code,
    ...(detail === undefined ? {} : { detail }),
    instance,
    traceId,
    ...(errors === undefined ? {} : { errors }),
  };
}
