import { isJson, type Node } from './document.ts';
import type { Flat } from './flat.ts';
import { flatten } from './flatten.ts';
import type { Comparer, Incompatibility } from './incompatibility.ts';
import { inlined } from './inline.ts';

/** Properties that are missing, unknown, or not accepted as they are sent. */
export function objectProblems(
  comparer: Comparer,
  to: Flat,
  sender: Flat,
  place: string,
): Incompatibility[] {
  if (to.types !== undefined && !to.types.has('object')) return [];
  const named = [...sender.properties].filter(([name]) => allowsName(comparer, sender, name));
  return [
    ...requiredProblems(to, sender, place),
    ...named.flatMap(([name, sent]) => propertyProblems(comparer, to, name, sent, place)),
    ...mapProblems(comparer, to, sender, place),
    ...dependencyProblems(to, sender, place),
  ];
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
    const mayBeSent = sender.properties.has(name) || isJson(sender.additional?.json);
    if (missing.length === 0 || !mayBeSent) return [];
    const what = `${inPlace(name, place)} needs ${missing.join(', ')} in the same object`;
    return [{ rule: 'required', what, path: to.path, in: 'receiver', certain: true }];
  });
}

function propertyProblems(
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
  const known = to.properties.get(name);
  if (known === undefined && to.opaque.has('patternProperties')) return names;
  const receiver = known ?? to.additional;
  if (receiver === undefined || (known === undefined && comparer.open)) return names;
  if (known === undefined && receiver.json === false) {
    return [...names, unknown('no other properties are accepted')];
  }
  return [...names, ...comparer.nested(receiver, sent, where)];
}

const allowsName = (comparer: Comparer, { propertyNames }: Flat, name: string): boolean =>
  propertyNames === undefined || comparer.accepts(inlined(propertyNames))(name);

/** A map: all its keys and values. */
function mapProblems(
  comparer: Comparer,
  to: Flat,
  { additional, propertyNames }: Flat,
  place: string,
): Incompatibility[] {
  if (additional === undefined || !isJson(additional.json)) return [];
  const text = { ...additional, json: { type: 'string' } };
  const names =
    to.propertyNames === undefined
      ? []
      : comparer.nested(to.propertyNames, propertyNames ?? text, `a key of ${place}`);
  if (to.additional === undefined) return names;
  return [...names, ...comparer.nested(to.additional, additional, `a property of ${place}`)];
}

const inPlace = (name: string, place: string): string =>
  place === 'the body' || place === 'the message' ? `"${name}"` : `"${name}" of ${place}`;
