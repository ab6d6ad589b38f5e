import type { Bound, Flat, JsonType } from './flat.ts';
import type { Incompatibility } from './incompatibility.ts';
import { isMultiple, leastCommonMultiple } from './multiples.ts';
import { mayBe } from './types.ts';

interface Limit {
  readonly bound: Bound;
  /** Excluded twin of the bound. */
  readonly strict?: Bound;
  readonly type: JsonType;
  readonly upper: boolean;
  readonly words: string;
}

const LIMITS: readonly Limit[] = [
  { bound: 'minimum', strict: 'exclusiveMinimum', type: 'number', upper: false, words: 'at least' },
  { bound: 'maximum', strict: 'exclusiveMaximum', type: 'number', upper: true, words: 'at most' },
  { bound: 'minLength', type: 'string', upper: false, words: 'at least, in characters,' },
  { bound: 'maxLength', type: 'string', upper: true, words: 'at most, in characters,' },
  { bound: 'minItems', type: 'array', upper: false, words: 'at least, in items,' },
  { bound: 'maxItems', type: 'array', upper: true, words: 'at most, in items,' },
  { bound: 'minProperties', type: 'object', upper: false, words: 'at least, in properties,' },
  { bound: 'maxProperties', type: 'object', upper: true, words: 'at most, in properties,' },
];

/** Limits that what is sent may pass. */
export function boundProblems(to: Flat, sender: Flat, place: string): Incompatibility[] {
  const problems = LIMITS.flatMap((limit) => {
    if (!mayBe(sender, limit.type)) return [];
    const accepted = edge(to, limit, sender);
    if (accepted === undefined) return [];
    const sent = edge(sender, limit, sender) ?? impliedEdge(sender, limit);
    const within = sent !== undefined && (limit.upper ? sent <= accepted : sent >= accepted);
    if (within) return [];
    const now = sent === undefined ? 'anything was allowed' : `${sent} was allowed`;
    return [problem(to, limit.bound, `${place} must be ${limit.words} ${accepted}, and ${now}`)];
  });
  const step = to.bounds.get('multipleOf');
  if (step !== undefined && mayBe(sender, 'number')) {
    const own = sender.bounds.get('multipleOf');
    const sent = isWhole(sender) ? leastCommonMultiple(own ?? 1, 1) : own;
    if (sent === undefined || !isMultiple(sent, step)) {
      problems.push(problem(to, 'multipleOf', `${place} must be a multiple of ${step}`));
    }
  }
  return problems;
}

const isWhole = ({ types }: Flat): boolean => types !== undefined && !types.has('number');

const problem = (to: Flat, bound: Bound, what: string): Incompatibility => ({
  rule: `bound-${bound.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  what,
  path: to.path,
  in: 'receiver',
  certain: true,
});

/** The outermost value that is inside; for whole numbers an excluded edge is the next inside. */
function edge({ bounds }: Flat, limit: Limit, sender: Flat): number | undefined {
  const own = bounds.get(limit.bound);
  const strict = limit.strict === undefined ? undefined : bounds.get(limit.strict);
  if (strict === undefined) return own;
  const step = isWhole(sender) ? 1 : Math.max(Math.abs(strict), 1) * Number.EPSILON;
  const inside = limit.upper ? strict - step : strict + step;
  if (own === undefined) return inside;
  return limit.upper ? Math.min(own, inside) : Math.max(own, inside);
}

const INT32_MAX = 2 ** 31 - 1;

/** What other keywords imply about what is sent. */
function impliedEdge(sender: Flat, limit: Limit): number | undefined {
  switch (limit.bound) {
    case 'minimum':
      return sender.formats.has('int32') ? -INT32_MAX - 1 : undefined;
    case 'maximum':
      return sender.formats.has('int32') ? INT32_MAX : undefined;
    case 'minProperties':
      return sender.required.size;
    case 'maxProperties':
      return sender.additional?.json === false ? sender.properties.size : undefined;
    case 'maxItems':
      return sender.items?.json === false ? sender.prefixItems.length : undefined;
    case 'minLength':
    case 'minItems':
      return 0;
    case 'maxLength':
      return sender.formats.has('uuid') ? 36 : undefined;
    default:
      return undefined;
  }
}
