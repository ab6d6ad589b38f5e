import { isJson, type Node } from './document.ts';
import type { Flat } from './flat.ts';
import { flatten } from './flatten.ts';
import type { Comparer, Incompatibility } from './incompatibility.ts';
import { inlined } from './inline.ts';
import { mapProblems } from './maps.ts';
import { bothOf, matchesPattern } from './merge.ts';
import { matchesText } from './patterns.ts';

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

/** The schemas of the patterns that a name matches. */
const byPattern = ({ patternProperties }: Flat, name: string): Node[] =>
  [...patternProperties].filter(([pattern]) => matchesText(pattern, name)).map(([, node]) => node);

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

/** Problems of a property that is sent, with every schema that applies to its name. */
export function propertyProblems(
  comparer: Comparer,
  to: Flat,
  name: string,
  sent: Node,
  place: string,
): Incompatibility[] {
  const where = inPlace(name, place);
  if (flatten(sent).never) return [];
  const unknown = (why: string): Incompatibility => ({
    rule: 'property-unknown',
    what: `${where} is sent, and ${why}`,
    path: sent.path,
    in: 'sender',
    certain: true,
  });
  const names = allowsName(comparer, to, name) ? [] : [unknown('its name is not accepted')];
  const own = to.properties.get(name);
  const applied = [...(own === undefined ? [] : [own]), ...byPattern(to, name)];
  if (applied.length > 0) {
    return [...names, ...applied.flatMap((receiver) => comparer.nested(receiver, sent, where))];
  }
  const rest = to.additional;
  if (rest === undefined || comparer.open) return names;
  if (rest.json === false) return [...names, unknown('no other properties are accepted')];
  return [...names, ...comparer.nested(rest, sent, where)];
}

const allowsName = (comparer: Comparer, { propertyNames }: Flat, name: string): boolean =>
  propertyNames === undefined || comparer.accepts(inlined(propertyNames))(name);

const inPlace = (name: string, place: string): string =>
  place === 'the body' || place === 'the message' ? `"${name}"` : `"${name}" of ${place}`;
