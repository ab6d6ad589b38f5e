/**
 * Failures as the protocol tells them: a gRPC status with trailers. The client decides by the
 * trailer `exception`, and reads the others without looking whether they are there.
 */
import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import type { CurrentRevision, ExpectedRevision } from '../store.ts';

/** 1 MiB: what one append may hold in all, the real server's default. */
export const APPEND_BYTES_MAX = 1_048_576;

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

export function appendTooBig(): WireError {
  return new WireError(
    status.INVALID_ARGUMENT,
    `Maximum Append Size of ${APPEND_BYTES_MAX} Exceeded.`,
    { exception: 'maximum-append-size-exceeded', 'maximum-append-size': `${APPEND_BYTES_MAX}` },
  );
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

/** What the real server calls any, no stream and stream exists where only a number fits. */
const EXPECTED_NUMBERS = { any: '-2', no_stream: '-1', stream_exists: '-4' } as const;

function toNumber(revision: ExpectedRevision): string {
  return typeof revision === 'bigint' ? `${revision}` : EXPECTED_NUMBERS[revision];
}

/** Header values must be ASCII; what is not is percent-encoded, as UTF-8. */
function toAscii(text: string): string {
  return text.replaceAll(/[^ -~]+/gu, (part) => encodeURIComponent(part.toWellFormed()));
}
