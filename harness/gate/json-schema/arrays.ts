import type { Node } from './document.ts';
import type { Flat } from './flat.ts';
import type { Comparer, Incompatibility } from './incompatibility.ts';

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
  const positions = Math.max(to.prefixItems.length, sender.prefixItems.length);
  for (let index = 0; index < positions; index += 1) {
    const sent = sender.prefixItems[index] ?? sender.items;
    problems.push(...item(to.prefixItems[index] ?? to.items, sent));
  }
  if (sender.items?.json !== false) problems.push(...item(to.items, sender.items));
  return problems;
}
