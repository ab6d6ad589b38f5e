import type { Incompatibility } from '../json-schema/incompatibility.ts';
import type { Path } from '../sources/position.ts';

/** What a client of the old document runs into. */
export interface HttpProblem {
  readonly rule: string;
  readonly subject: string;
  readonly what: string;
  readonly mend: string;
  /** In the new document. */
  readonly path: Path;
  readonly certain: boolean;
}

const REQUEST_MEND = 'accept what was accepted: make the new thing optional, or give it a default';
const RESPONSE_MEND =
  'send what was promised: keep the old shape, and put the new one in a new property or version';
const UNKNOWN_MEND =
  'show it by contract tests (pnpm test contracts), or write the schema with plainer keywords';

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
    mend: refusal.certain ? (direction === 'request' ? REQUEST_MEND : RESPONSE_MEND) : UNKNOWN_MEND,
    path: refusal.in === newSide ? refusal.path : fallback,
    certain: refusal.certain,
  };
}
