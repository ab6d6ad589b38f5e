import type { Violation } from '../checker/invariant.ts';

/** A violation, and how many others say the same of other ids. */
export interface FoldedViolation extends Violation {
  readonly count: number;
}

/** Joins violations that differ in ids and numbers only; what fewer events prove comes first. */
export function foldViolations(violations: readonly Violation[]): FoldedViolation[] {
  const alike = Map.groupBy(violations, ({ message }) => message.replaceAll(/\S*\d\S*/g, '#'));
  return [...alike.values()]
    .map((same) => ({ ...(same[0] as Violation), count: same.length }))
    .toSorted((a, b) => a.witness.length - b.witness.length);
}
