import { ERRORS, type ErrorCode } from '#contracts/spec/errors/registry.ts';

export interface OperationalErrorOptions {
  readonly cause?: unknown;
  /** One sentence for the log and for the operator; it never crosses a boundary as a 5xx. */
  readonly detail?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** An error that crosses a boundary. Callers match on `code`, never on the class or the message. */
export class OperationalError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, options: OperationalErrorOptions = {}) {
    super(
      options.detail ?? ERRORS[code].title,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'OperationalError';
    this.code = code;
    this.details = options.details;
  }
}

/**
 * A store refused a value and will refuse it again: to a caller the request is invalid, and a
 * record that leads to it is poison.
 */
export class UnstorableValue extends OperationalError {
  constructor(store: string, cause: unknown) {
    super('invalid-request', { detail: `${store} cannot store a value of the request`, cause });
    this.name = 'UnstorableValue';
  }
}

/** The registry's code of an error, or undefined when it is none of ours. */
export function errorCodeOf(error: unknown): ErrorCode | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    return undefined;
  }
  return Object.hasOwn(ERRORS, error.code) ? (error.code as ErrorCode) : undefined;
}

/** Whether the same call may succeed later. An error that is none of ours may. */
export function isRetryable(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code === undefined || ERRORS[code].retryable;
}

/** Why a record can never be handled. */
export type PoisonReason =
  | 'not-wire-format'
  | 'unknown-schema-id'
  | 'undecodable'
  | 'invalid-message'
  | 'unexpected-message'
  | 'unstorable';

/** A record that no retry can help: it goes to the dead-letter topic. Matched on `code`. */
export class PoisonMessage extends Error {
  readonly code = 'poison-message';
  readonly reason: PoisonReason;

  constructor(reason: PoisonReason, options: { detail?: string; cause?: unknown } = {}) {
    super(
      options.detail ?? reason,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'PoisonMessage';
    this.reason = reason;
  }
}

/** Why an error is the fault of the record itself; undefined when another attempt may succeed. */
export function poisonOf(error: unknown): PoisonMessage | undefined {
  if (isPoison(error)) return error;
  if (!(error instanceof UnstorableValue)) return undefined;
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return new PoisonMessage('unstorable', { detail: `${error.message}${cause}`, cause: error });
}

/** Whether an error says that the record itself is bad. */
export function isPoison(error: unknown): error is PoisonMessage {
  return error instanceof Error && 'code' in error && error.code === 'poison-message';
}

/**
 * A broken assertion is our own mistake: it must end the process and not be answered or retried.
 * Throws it where nothing catches, which `runService` turns into exit 70.
 */
export function crashOnBrokenAssertion(error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_ASSERTION') {
    queueMicrotask(() => {
      throw error;
    });
  }
}
