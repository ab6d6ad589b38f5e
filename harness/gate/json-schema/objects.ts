import { isJson, type Node } from './document.ts';
import type { Flat } from './flat.ts';
import { flatten } from './flatten.ts';
import type { Comparer, Incompatibility } from './incompatibility.ts';
import { mapProblems } from './maps.ts';
import { bothOf, matchesPattern } from './merge.ts';
import { allowsName, byPattern, inPlace, propertyProblems } from './properties.ts';

/** Properties that are missing, unknown, or not accepted as they are sent. */
export function objectProblems(
  comparer: Comparer,
  to: Flat,
  sender: Flat,
  place: string,
): Incompatibility[] {
  if (to.types !== undefined && !to.types.has('object')) return [];
  const names = [...new Set([...sender.properties.keys(), ...sender.required])];
  const named = names.filter((name) => allowsName(comparer, sender, name));
  return [
    ...requiredProblems(to, sender, place),
    ...named.flatMap((name) => propertyProblems(comparer, to, name, sentAs(sender, name), place)),
    ...mapProblems(comparer, to, sender, place),
    ...dependencyProblems(to, sender, place),
  ];
}

/** What a property of the sender may be: its own schema and those of patterns. */
function sentAs(sender: Flat, name: string): Node {
  const own = [sender.properties.get(name), ...byPattern(sender, name)];
  const all = own.reduce(bothOf, undefined) ?? sender.additional;
  const [known] = [...sender.properties.values(), ...sender.patternProperties.values()];
  const document = (all ?? known ?? sender.additional)?.document ?? sender.document;
  return all ?? { json: true, path: sender.path, document };
}

const requiredProblems = (to: Flat, sender: Flat, place: string): Incompatibility[] =>
  [...to.required]
    .filter((name) => !sender.required.has(name))
    .map((name) => ({
      rule: 'required',
      what: sender.properties.has(name)
        ? `${inPlace(name, place)} may be left out, and it is required`
        : `${inPlace(name, place)} is required, and it is not sent`,
      path: to.path,
      in: 'receiver',
      certain: true,
    }));

function dependencyProblems(to: Flat, sender: Flat, place: string): Incompatibility[] {
  return [...to.dependent].flatMap(([name, needs]): Incompatibility[] => {
    const known = new Set([...sender.required, ...(sender.dependent.get(name) ?? [])]);
    const missing = [...needs].filter((need) => !known.has(need));
    const own = sender.properties.get(name);
    const mayBeSent =
      own === undefined
        ? matchesPattern(sender, name) || isJson(sender.additional?.json)
        : !flatten(own).never;
    if (missing.length === 0 || !mayBeSent) return [];
    const what = `${inPlace(name, place)} needs ${missing.join(', ')} in the same object`;
    return [{ rule: 'required', what, path: to.path, in: 'receiver', certain: true }];
  });
}
