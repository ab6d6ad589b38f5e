import type { HistoryBuilder } from './history-builder.ts';

/** Fields of some kinds of records: whichever of them is wrong, the invariant must not be valid. */
export interface CoveredFields {
  /** Kinds of records, named as by `recordOf`. */
  readonly records: RegExp;
  readonly fields: readonly string[];
  /** The invariant notices also that the field is absent. */
  readonly required?: true;
}

export interface Covered {
  /** What the good story needs so that the fields mean something. */
  readonly prepare?: (to: HistoryBuilder) => unknown;
  readonly covers: readonly CoveredFields[];
}

/** Paths of fields of one record. */
export const under = (path: string, fields: readonly string[]): string[] =>
  fields.map((one) => `${path}.${one}`);
