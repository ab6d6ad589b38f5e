/**
 * Failures as the protocol tells them: a gRPC status with trailers. The client decides by the
 * trailer `exception`, and reads the others without looking whether they are there.
 */
import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import type { UserError } from '../access/errors.ts';
import type { PersistentSubscriptionError } from '../persistent/errors.ts';
import type { CurrentRevision, ExpectedRevision } from '../store.ts';

/** 1 MiB: what one append may hold in all, the real server's default. */
export const APPEND_BYTES_MAX_DEFAULT = 1_048_576;

/** A call's failure, thrown anywhere in the wire layer and answered by `server.ts`. */
export class WireError extends Error {
  readonly status: Partial<StatusObject>;
  constructor(code: status, details: string, trailers: Readonly<Record<string, string>> = {}) {
    super(details);
    this.name = 'WireError';
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(trailers)) metadata.set(key, toAscii(value));
    this.status = { code, details: toAscii(details), metadata };
  }
}

export function invalidArgument(details: string): WireError {
  return new WireError(status.INVALID_ARGUMENT, details);
}

export function streamDeleted(stream: string): WireError {
  return new WireError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });
}

export function appendTooBig(bytesMax: number): WireError {
  return new WireError(status.INVALID_ARGUMENT, `Maximum Append Size of ${bytesMax} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': `${bytesMax}`,
  });
}

export function missingEventProperty(name: string): WireError {
  return new WireError(status.INVALID_ARGUMENT, `Required Metadata Property '${name}' is missing`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });
}

export function wrongExpectedVersion(
  stream: string,
  expected: ExpectedRevision,
  current: CurrentRevision,
): WireError {
  const versions = `Expected version: ${toNumber(expected)}, Actual version: ${toNumber(current)}`;
  return new WireError(
    status.FAILED_PRECONDITION,
    `Delete failed due to WrongExpectedVersion. Stream: ${stream}, ${versions}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': toNumber(expected),
      'actual-version': toNumber(current),
    },
  );
}

export function timedOut(): WireError {
  return new WireError(status.ABORTED, 'Operation timed out');
}

export function accessDenied(): WireError {
  return new WireError(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
}

/** Credentials were sent, and they are wrong. */
export function unauthenticated(): WireError {
  return new WireError(status.UNAUTHENTICATED, 'Unauthenticated');
}

const PERSISTENT_STATUS = {
  exists: [status.ALREADY_EXISTS, 'persistent-subscription-exists'],
  'does-not-exist': [status.NOT_FOUND, 'persistent-subscription-does-not-exist'],
  'maximum-subscribers-reached': [status.FAILED_PRECONDITION, 'maximum-subscribers-reached'],
  dropped: [status.CANCELLED, 'persistent-subscription-dropped'],
  failed: [status.INTERNAL, 'persistent-subscription-failed'],
} as const;

export function fromPersistentError(error: PersistentSubscriptionError): WireError {
  const [code, exception] = PERSISTENT_STATUS[error.code];
  return new WireError(code, error.message, {
    exception,
    'stream-name': error.key.source,
    'group-name': error.key.group,
    reason: error.message,
  });
}

const USER_STATUS = {
  'not-found': [status.NOT_FOUND, 'user-not-found'],
  conflict: [status.FAILED_PRECONDITION, 'user-conflict'],
  invalid: [status.INVALID_ARGUMENT, 'invalid-argument'],
} as const;

export function fromUserError(error: UserError): WireError {
  const [code, exception] = USER_STATUS[error.code];
  return new WireError(code, error.message, { exception, 'login-name': error.loginName });
}

/** What the real server calls any, no stream and stream exists where only a number fits. */
const EXPECTED_NUMBERS = { any: '-2', no_stream: '-1', stream_exists: '-4' } as const;

function toNumber(revision: ExpectedRevision): string {
  return typeof revision === 'bigint' ? `${revision}` : EXPECTED_NUMBERS[revision];
}

/** Header values must be ASCII; what is not is percent-encoded, as UTF-8. */
function toAscii(text: string): string {
  return text.replaceAll(/[^ -~]+/gu, (part) => encodeURIComponent(part.toWellFormed()));
}
