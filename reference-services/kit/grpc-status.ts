import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import {
  ERROR_CODE_TRAILER,
  ERRORS,
  type ErrorCode,
  type GrpcStatusName,
} from '#contracts/spec/errors/registry.ts';
import { errorCodeOf, OperationalError } from './errors.ts';

/**
 * What a status means when the answer names no code of the registry (a server that is not ours).
 */
const CODE_OF_STATUS: Readonly<Record<GrpcStatusName, ErrorCode>> = {
  INVALID_ARGUMENT: 'invalid-request',
  UNAUTHENTICATED: 'unauthenticated',
  PERMISSION_DENIED: 'forbidden',
  NOT_FOUND: 'route-not-found',
  ALREADY_EXISTS: 'invalid-request',
  FAILED_PRECONDITION: 'invalid-request',
  RESOURCE_EXHAUSTED: 'rate-limited',
  UNAVAILABLE: 'unavailable',
  DEADLINE_EXCEEDED: 'outcome-unknown',
  INTERNAL: 'internal',
};
export type StatusCodes = Partial<Record<GrpcStatusName, ErrorCode>>;

/** What grpc-js says when a call never left this process. */
const NEVER_SENT = /No connection established|Name resolution failed|Stream refused by server/;

/** The error to answer with: what a caller may know, and the code for it to match on. */
export function answerTo(error: unknown): Pick<StatusObject, 'code' | 'details' | 'metadata'> {
  const code = errorCodeOf(error) ?? 'internal';
  const entry = ERRORS[code];
  const metadata = new Metadata();
  metadata.set(ERROR_CODE_TRAILER, code);
  // A refusal says what was wrong with the request; anything else could show internals.
  const isRefusal = entry.definite && !entry.retryable && error instanceof Error;
  return {
    code: status[entry.grpc],
    details: isRefusal ? error.message : entry.title,
    metadata,
  };
}

/**
 * What a failed call means: the trailer's code wins, else the status decides.
 *
 * A connection that broke during the call is `outcome-unknown`, not `unavailable`: the server may
 * have got the request, and `unavailable` promises that nothing was kept.
 */
export function meaningOf(
  error: ServiceError,
  method: string,
  codes: StatusCodes,
): OperationalError {
  return new OperationalError(codeFor(error, codes), {
    cause: error,
    detail: error.details === '' ? `${method} failed` : error.details,
    details: { method, status: status[error.code] },
  });
}

function codeFor(error: ServiceError, codes: StatusCodes): ErrorCode {
  const [trailer] = error.metadata.get(ERROR_CODE_TRAILER);
  if (typeof trailer === 'string' && Object.hasOwn(ERRORS, trailer)) return trailer as ErrorCode;
  if (error.code === status.UNAVAILABLE && !isAnswered(error) && !NEVER_SENT.test(error.details)) {
    return 'outcome-unknown';
  }
  if (error.code === status.CANCELLED) return 'outcome-unknown';
  const name = status[error.code] as GrpcStatusName;
  return codes[name] ?? CODE_OF_STATUS[name] ?? 'internal';
}

/**
 * A status that the server sent comes with headers of its own; one that grpc-js made up has none.
 */
function isAnswered(error: ServiceError): boolean {
  return Object.keys(error.metadata.getMap()).length > 0;
}
