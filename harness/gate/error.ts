import { type ErrorCode, SagaproofError } from '../kernel/errors.ts';

interface GateErrorDetails {
  readonly file?: string;
  readonly fix?: string;
  /** Default: `gate-input-invalid`. */
  readonly code?: ErrorCode;
}

/** The comparison is not possible: an input is wrong or a source does not answer. */
export class GateError extends SagaproofError {
  override readonly name = 'GateError';

  constructor(message: string, { code = 'gate-input-invalid', ...details }: GateErrorDetails = {}) {
    super(code, message, details);
  }
}

/** A closed list of names in a sentence; says so when it is empty. */
export const namesOf = (names: readonly string[]): string =>
  names.length === 0 ? 'there is none yet' : names.join(', ');
