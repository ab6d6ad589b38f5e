import type { Incompatibility } from '../json-schema/incompatibility.ts';
import type { Path } from '../sources/position.ts';

/** A problem of a client of the old document. */
export interface HttpProblem {
  readonly rule: string;
  readonly subject: string;
  readonly what: string;
  readonly fix: string;
  /** In the new document. */
  readonly path: Path;
  readonly certain: boolean;
}

const REQUEST_FIX = 'keep accepting old requests: make the addition optional, or give it a default';
const RESPONSE_FIX = 'keep the documented response: put the new shape in a new property or version';
const UNKNOWN_FIX =
  'cover it with contract tests (pnpm test contracts), or use simpler keywords in the schema';

/** A refusal of a request (`receiver` is new) or of a response (`receiver` is old). */
export function fromRefusal(
  refusal: Incompatibility,
  direction: 'request' | 'response',
  subject: string,
  fallback: Path,
): HttpProblem {
  const newSide = direction === 'request' ? 'receiver' : 'sender';
  return {
    rule: `${direction}-${refusal.rule}`,
    subject,
    what: refusal.what,
    fix: refusal.certain ? (direction === 'request' ? REQUEST_FIX : RESPONSE_FIX) : UNKNOWN_FIX,
    path: refusal.in === newSide ? refusal.path : fallback,
    certain: refusal.certain,
  };
}
