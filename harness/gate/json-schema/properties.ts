import type { Node } from './document.ts';
import type { Flat } from './flat.ts';
import { flatten } from './flatten.ts';
import type { Comparer, Incompatibility } from './incompatibility.ts';
import { inlined } from './inline.ts';
import { matchesText } from './patterns.ts';

/** The schemas of the patterns that a name matches. */
export const byPattern = ({ patternProperties }: Flat, name: string): Node[] =>
  [...patternProperties].filter(([pattern]) => matchesText(pattern, name)).map(([, node]) => node);

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

/** Whether `propertyNames` accepts a name. */
export const allowsName = (comparer: Comparer, { propertyNames }: Flat, name: string): boolean =>
  propertyNames === undefined || comparer.accepts(inlined(propertyNames))(name);

/** A property in messages. */
export const inPlace = (name: string, place: string): string =>
  place === 'the body' || place === 'the message' ? `"${name}"` : `"${name}" of ${place}`;
