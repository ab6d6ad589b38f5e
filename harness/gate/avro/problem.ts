import type { Path } from '../sources/position.ts';

/** Why a reader cannot read what a writer writes. */
export interface AvroProblem {
  readonly rule: string;
  readonly what: string;
  /** Where, in the file of the side that `in` names. */
  readonly path: Path;
  readonly in: 'reader' | 'writer';
  readonly fix: string;
}
