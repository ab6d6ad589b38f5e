import type { Diagnosis } from '../checker/invariant.ts';
import { INVARIANTS } from '../invariants/all.ts';

/** Where it belongs, from the root of the checkout and of the package. */
export const PROMISES_PAGE = 'docs/reference/promises.md';

const diagnoses = new Map(INVARIANTS.map(({ name, diagnosis }) => [name, diagnosis]));

/** Where an invariant is described; users' own ones are not. */
export const promiseLink = (name: string): string | undefined =>
  diagnoses.has(name) ? `${PROMISES_PAGE}#${name}` : undefined;

/** The likeliest causes of a violation and where to look, if that is known. */
export const diagnosisOf = (name: string): Diagnosis | undefined => diagnoses.get(name);
