/**
 * The question could not be asked: what the user gave is wrong, and the message says how to mend
 * it.
 */
export class GateError extends Error {
  override readonly name = 'GateError';
}

/** A closed list of names in a sentence; says so when there is none. */
export const namesOf = (names: readonly string[]): string =>
  names.length === 0 ? 'there is none yet' : names.join(', ');
