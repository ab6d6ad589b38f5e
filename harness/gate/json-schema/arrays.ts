import type { Node } from './document.ts';
import { isDisjoint } from './emptiness.ts';
import type { Contains, Flat } from './flat.ts';
import { flatten } from './flatten.ts';
import type { Comparer, Incompatibility } from './incompatibility.ts';
import { merged } from './merge.ts';

/** Items that are not accepted as they are sent, position by position and after those. */
export function arrayProblems(
  comparer: Comparer,
  to: Flat,
  sender: Flat,
  place: string,
): Incompatibility[] {
  if (to.types !== undefined && !to.types.has('array')) return [];
  const item = (receiver: Node | undefined, sent: Node | undefined): Incompatibility[] => {
    if (receiver === undefined) return [];
    const any: Node = { json: true, path: to.path, document: receiver.document };
    return comparer.nested(receiver, sent ?? any, `an item of ${place}`);
  };
  const problems: Incompatibility[] = [];
  if (to.unique && !sender.unique) {
    const what = `the items of ${place} must now be unique`;
    problems.push({ rule: 'items', what, path: to.path, in: 'receiver', certain: true });
  }
  const most = sender.bounds.get('maxItems') ?? Number.POSITIVE_INFINITY;
  const positions = Math.min(Math.max(to.prefixItems.length, sender.prefixItems.length), most);
  for (let index = 0; index < positions; index += 1) {
    const sent = sender.prefixItems[index] ?? sender.items;
    problems.push(...item(to.prefixItems[index] ?? to.items, sent));
  }
  if (sender.items?.json !== false && most > positions) {
    problems.push(...item(to.items, sender.items));
  }
  return [...problems, ...containsProblems(comparer, to, sender, place)];
}

/** Counts of matching items that the sender does not guarantee. */
function containsProblems(
  comparer: Comparer,
  to: Flat,
  sender: Flat,
  place: string,
): Incompatibility[] {
  return to.contains
    .filter(
      (wanted) =>
        !hasEnough(comparer, sender, wanted, place) || !hasFew(comparer, sender, wanted, place),
    )
    .map(() => ({
      rule: 'undecidable',
      what: `how many items of ${place} match "contains" has changed, and it is undecidable whether that narrows it`,
      path: to.path,
      in: 'receiver',
      certain: false,
    }));
}

function hasEnough(
  comparer: Comparer,
  sender: Flat,
  { schema, least }: Contains,
  place: string,
): boolean {
  if (least === 0) return true;
  const promised = sender.contains.some(
    (own) =>
      own.least >= least &&
      comparer.compare(schema, itemOf(sender, own.schema), place).length === 0,
  );
  const guaranteed = Array.from({ length: sender.bounds.get('minItems') ?? 0 }, (_, index) => {
    const item = sender.prefixItems[index] ?? sender.items;
    return item !== undefined && comparer.compare(schema, flatten(item), place).length === 0;
  });
  return promised || guaranteed.filter(Boolean).length >= least;
}

function hasFew(comparer: Comparer, sender: Flat, wanted: Contains, place: string): boolean {
  const { schema, most } = wanted;
  if (most === undefined || (sender.bounds.get('maxItems') ?? most + 1) <= most) return true;
  const promised = sender.contains.some(
    (own) =>
      own.most !== undefined &&
      own.most <= most &&
      comparer.compare(own.schema, itemOf(sender, schema), place).length === 0,
  );
  if (promised || sender.items === undefined) return promised;
  const isOther = (item: Node): boolean =>
    item.json === false || isDisjoint(flatten(item), flatten(schema));
  return isOther(sender.items) && sender.prefixItems.filter((it) => !isOther(it)).length <= most;
}

/** An item that matches a schema: as the sender describes its items, where they are all alike. */
const itemOf = (sender: Flat, schema: Node): Flat =>
  sender.items === undefined || sender.prefixItems.length > 0
    ? flatten(schema)
    : merged(flatten(sender.items), flatten(schema));
