import { isJson, type Node } from './document.ts';
import type { Flat } from './flat.ts';
import { flatten } from './flatten.ts';
import type { Comparer, Incompatibility } from './incompatibility.ts';
import { bothOf, matchesPattern } from './merge.ts';
import { excludesPattern, includesPattern, matchesText, overlaps } from './patterns.ts';
import { propertyProblems } from './properties.ts';

/** Properties that a sender describes without naming them: by a pattern, or as additional ones. */
export function mapProblems(
  comparer: Comparer,
  to: Flat,
  sender: Flat,
  place: string,
): Incompatibility[] {
  const patterns = [...sender.patternProperties].filter(([, sent]) => !flatten(sent).never);
  return [
    ...patterns.flatMap(([pattern, sent]) =>
      patternProblems(comparer, to, sender, { pattern, sent, place }),
    ),
    ...additionalProblems(comparer, to, sender, place),
  ];
}

interface SentPattern {
  readonly pattern: string;
  readonly sent: Node;
  readonly place: string;
}

/** Names of one pattern: what the receiver names, what its patterns match, and the rest. */
function patternProblems(
  comparer: Comparer,
  to: Flat,
  sender: Flat,
  { pattern, sent, place }: SentPattern,
): Incompatibility[] {
  const where = `a property ${pattern} of ${place}`;
  const named = [...to.properties.keys()]
    .filter((name) => !sender.properties.has(name) && matchesText(pattern, name))
    .flatMap((name) => propertyProblems(comparer, to, name, sent, place));
  const matched = [...to.patternProperties].flatMap(([other, receiver]) => {
    const shared = overlaps(other, pattern);
    if (shared === false) return [];
    const own = sender.patternProperties.get(other);
    const both = other === pattern || own === undefined ? sent : (bothOf(sent, own) ?? sent);
    if (flatten(both).never) return [];
    const found = comparer.nested(receiver, both, where);
    return shared === true ? found : found.map((it) => ({ ...it, certain: false }));
  });
  const names = nameProblems(comparer, to, { ...sent, json: { type: 'string', pattern } }, place);
  const isCovered = [...to.patternProperties.keys()].some(
    (other) => includesPattern(other, pattern) === true,
  );
  if (isCovered || to.additional === undefined || comparer.open) {
    return [...names, ...named, ...matched];
  }
  return [...names, ...named, ...matched, ...restProblems(comparer, to.additional, sent, where)];
}

/** Names of properties that the receiver refuses. */
function nameProblems(
  comparer: Comparer,
  { propertyNames }: Flat,
  sent: Node,
  place: string,
): Incompatibility[] {
  return propertyNames === undefined
    ? []
    : comparer.nested(propertyNames, sent, `a key of ${place}`);
}

/** A receiver of nothing else refuses every name. */
function restProblems(
  comparer: Comparer,
  rest: Node,
  sent: Node,
  where: string,
): Incompatibility[] {
  if (rest.json !== false) return comparer.nested(rest, sent, where);
  const what = `${where} may be sent, and no other properties are accepted`;
  return [{ rule: 'property-unknown', what, path: sent.path, in: 'sender', certain: true }];
}

/** The sender's additional properties, where it describes them: any name that it does not list. */
function additionalProblems(
  comparer: Comparer,
  to: Flat,
  sender: Flat,
  place: string,
): Incompatibility[] {
  const sent = described(comparer, sender);
  if (sent === undefined || flatten(sent).never) return [];
  const { propertyNames } = sender;
  const listed = propertyNames && flatten(propertyNames).values?.map(String);
  if (listed !== undefined) {
    return listed
      .filter((name) => !sender.properties.has(name) && !matchesPattern(sender, name))
      .flatMap((name) => propertyProblems(comparer, to, name, sent, place));
  }
  const text: Node = { ...sent, json: { type: 'string' } };
  const names = nameProblems(comparer, to, propertyNames ?? text, place);
  const where = `a property of ${place}`;
  const isRestCovered = [...to.patternProperties.keys()].some((pattern) =>
    namesOf(sender).some((own) => includesPattern(pattern, own) === true),
  );
  const rest =
    to.additional === undefined || isRestCovered || comparer.open
      ? []
      : restProblems(comparer, to.additional, sent, where);
  // An object that takes anything announces no name: a new property is no narrower than before.
  if (isAny(sent) && !comparer.strict) return [...names, ...rest];
  return [...names, ...claimedProblems(comparer, to, sender, sent, place), ...rest];
}

/** What the receiver says about names that are additional ones of the sender. */
function claimedProblems(
  comparer: Comparer,
  to: Flat,
  sender: Flat,
  sent: Node,
  place: string,
): Incompatibility[] {
  const allowed = namesOf(sender);
  const named = [...to.properties.keys()]
    .filter((name) => !sender.properties.has(name) && !matchesPattern(sender, name))
    .filter((name) => allowed.every((pattern) => matchesText(pattern, name)))
    .flatMap((name) => propertyProblems(comparer, to, name, sent, place));
  const matched = [...to.patternProperties]
    .filter(([pattern]) => isAdditional(sender, pattern))
    .flatMap(([pattern, receiver]) =>
      comparer.nested(receiver, sent, `a property ${pattern} of ${place}`),
    );
  return [...named, ...matched];
}

/** Whether some additional name of the sender matches the pattern. */
const isAdditional = (sender: Flat, pattern: string): boolean =>
  [...sender.patternProperties.keys()].every((own) => includesPattern(own, pattern) !== true) &&
  namesOf(sender).every((own) => !excludesPattern(own, pattern));

const namesOf = ({ propertyNames }: Flat): string[] =>
  propertyNames === undefined ? [] : [...flatten(propertyNames).patterns];

/** A sender that allows other properties and does not describe them does not send them. */
function described(comparer: Comparer, { additional, path, document }: Flat): Node | undefined {
  if (additional?.json === false) return undefined;
  return additional ?? (comparer.strict ? { json: true, path, document } : undefined);
}

const isAny = ({ json }: Node): boolean =>
  json === true || (isJson(json) && Object.keys(json).length === 0);
