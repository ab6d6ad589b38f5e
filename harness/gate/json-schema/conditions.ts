import { isDisjoint } from './emptiness.ts';
import type { Condition, Flat } from './flat.ts';
import { flatten } from './flatten.ts';
import type { Comparer, Incompatibility } from './incompatibility.ts';
import { merged } from './merge.ts';

/** More conditions than this are not split: it would take two to the power of them. */
const SPLIT_MAX = 4;

/** What a receiver asks for under a condition, where what is sent may meet it. */
export function conditionProblems(
  comparer: Comparer,
  to: Flat,
  sender: Flat,
  place: string,
): Incompatibility[] {
  return to.conditions.flatMap((condition) => {
    const { when, otherwise, met: then, unmet: other } = condition;
    const isMet = then !== undefined && !isDisjoint(sender, flatten(when));
    const met = isMet ? comparer.compare(then, merged(sender, flatten(when)), place) : [];
    if (other === undefined || comparer.compare(when, sender, place).length === 0) return met;
    return [...met, ...comparer.compare(other, merged(sender, flatten(otherwise)), place)];
  });
}

/** The sender where its first condition is met, and where it is not. */
export function splitByCondition(comparer: Comparer, sender: Flat, place: string): Flat[] {
  const [condition, ...rest] = sender.conditions;
  if (condition === undefined || sender.conditions.length > SPLIT_MAX) return [];
  const others = { ...sender, conditions: rest };
  const met = sidesOf(others, condition, 'when');
  const isAlwaysMet = comparer.compare(condition.when, others, place).length === 0;
  const unmet = isAlwaysMet ? undefined : sidesOf(others, condition, 'otherwise');
  return [met, unmet].filter((side) => side !== undefined);
}

function sidesOf(sender: Flat, condition: Condition, side: 'when' | 'otherwise'): Flat | undefined {
  const limit = flatten(condition[side]);
  if (isDisjoint(sender, limit)) return undefined;
  const asked = side === 'when' ? condition.met : condition.unmet;
  const own = merged(sender, limit);
  return asked === undefined ? own : merged(own, flatten(asked));
}
