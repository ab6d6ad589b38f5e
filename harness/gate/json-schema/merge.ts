import { isDeepStrictEqual } from 'node:util';
import { isJson, type Node } from './document.ts';
import { type Bound, type Flat, type JsonType, LOWER } from './flat.ts';
import { inlined } from './inline.ts';
import { leastCommonMultiple } from './multiples.ts';
import { excludesPattern, matchesText } from './patterns.ts';
import { hasType } from './types.ts';

const RAISING = new Set<string>(LOWER);

/** The schema that accepts what both accept; it has the second one's place. */
export function merged(a: Flat, b: Flat): Flat {
  const bounds = mergedBounds(a, b);
  const types = mergedTypes(a, b, bounds.get('multipleOf'));
  const values = mergedValues(a, b)?.filter((value) => hasType(value, types));
  return {
    path: b.path,
    document: b.document,
    never: a.never || b.never || types?.size === 0 || values?.length === 0,
    types,
    values,
    open: isOpen(a) && isOpen(b) && (a.open || b.open),
    bounds,
    patterns: new Set([...a.patterns, ...b.patterns]),
    formats: new Set([...a.formats, ...b.formats]),
    unique: a.unique || b.unique,
    required: new Set([...a.required, ...b.required]),
    ...mergedObject(a, b),
    propertyNames: bothOf(a.propertyNames, b.propertyNames),
    items: bothOf(a.items, b.items),
    prefixItems: mergedPositions(a, b),
    contains: [...a.contains, ...b.contains],
    dependent: mergedDependencies(a, b),
    groups: [...a.groups, ...b.groups],
    satisfied: [...a.satisfied, ...b.satisfied],
    conditions: [...a.conditions, ...b.conditions],
    negations: [...a.negations, ...b.negations],
    opaque: mergedOpaque(a, b),
  };
}

function mergedBounds(a: Flat, b: Flat): Map<Bound, number> {
  const bounds = new Map(a.bounds);
  for (const [keyword, value] of b.bounds) {
    const known = bounds.get(keyword);
    if (known === undefined) bounds.set(keyword, value);
    else if (keyword === 'multipleOf') bounds.set(keyword, leastCommonMultiple(known, value));
    else
      bounds.set(keyword, RAISING.has(keyword) ? Math.max(known, value) : Math.min(known, value));
  }
  return bounds;
}

/** Types of both: an `integer` is a `number`, and a multiple of a whole number is an `integer`. */
function mergedTypes(a: Flat, b: Flat, step: number | undefined): Flat['types'] {
  const types = a.types && b.types ? intersection(a.types, b.types) : (a.types ?? b.types);
  if (types === undefined || step === undefined || !Number.isInteger(step)) return types;
  return new Set([...types].map((type) => (type === 'number' ? 'integer' : type)));
}

function intersection(a: ReadonlySet<JsonType>, b: ReadonlySet<JsonType>): Set<JsonType> {
  const both = new Set([...a].filter((type) => b.has(type)));
  if ((a.has('integer') && b.has('number')) || (b.has('integer') && a.has('number'))) {
    both.add('integer');
  }
  return both;
}

function mergedValues(a: Flat, b: Flat): Flat['values'] {
  if (a.values === undefined || b.values === undefined) return a.values ?? b.values;
  const known = b.values;
  return a.values.filter((value) => known.some((other) => isDeepStrictEqual(other, value)));
}

/** One closed set closes the combination. */
const isOpen = ({ open, values }: Flat): boolean => open || values === undefined;

type ObjectPart = Pick<Flat, 'properties' | 'patternProperties' | 'additional'>;

/** A name that only one schema lists is an additional property of the other. */
function mergedObject(a: Flat, b: Flat): ObjectPart {
  const additional = bothOf(a.additional, b.additional);
  const properties = new Map<string, Node>();
  for (const name of [...a.properties.keys(), ...b.properties.keys()]) {
    const both = bothOf(schemaOf(a, name), schemaOf(b, name));
    if (both === undefined) continue;
    // A name that the other schema excludes is an unknown property of the combination.
    if (
      isNever(both) &&
      isNever(additional) &&
      !matchesPattern(a, name) &&
      !matchesPattern(b, name)
    )
      continue;
    properties.set(name, both);
  }
  return { properties, patternProperties: mergedPatterns(a, b), additional };
}

/** Names of a pattern that only one schema has are additional ones of the other. */
function mergedPatterns(a: Flat, b: Flat): Map<string, Node> {
  const patterns = new Map<string, Node>();
  for (const pattern of [...a.patternProperties.keys(), ...b.patternProperties.keys()]) {
    const parts = [a, b].map(
      (flat) =>
        flat.patternProperties.get(pattern) ??
        (isForeign(flat, pattern) ? flat.additional : undefined),
    );
    const both = bothOf(parts[0], parts[1]);
    if (both !== undefined) patterns.set(pattern, both);
  }
  return patterns;
}

/** True when every name that matches the pattern is an additional property. */
const isForeign = (flat: Flat, pattern: string): boolean =>
  ![...flat.properties.keys()].some((name) => matchesText(pattern, name)) &&
  [...flat.patternProperties.keys()].every((own) => excludesPattern(own, pattern));

function schemaOf(flat: Flat, name: string): Node | undefined {
  const own = flat.properties.get(name);
  if (own !== undefined) return own;
  return matchesPattern(flat, name) ? undefined : flat.additional;
}

const patternsOf = ({ patternProperties }: Flat): string[] => [...patternProperties.keys()];

export const matchesPattern = (flat: Flat, name: string): boolean =>
  patternsOf(flat).some((pattern) => matchesText(pattern, name));

/** By position: what follows one schema's positions is held to its `items`. */
function mergedPositions(a: Flat, b: Flat): Node[] {
  const count = Math.max(a.prefixItems.length, b.prefixItems.length);
  return Array.from({ length: count }, (_, index) => {
    const [one, other] = [a.prefixItems[index], b.prefixItems[index]];
    const both = bothOf(one ?? a.items, other ?? b.items);
    if (both === undefined) throw new Error(`no schema at position ${index}`);
    return both;
  });
}

function mergedDependencies(a: Flat, b: Flat): Flat['dependent'] {
  const dependent = new Map(a.dependent);
  for (const [name, needs] of b.dependent) {
    dependent.set(name, new Set([...(dependent.get(name) ?? []), ...needs]));
  }
  return dependent;
}

function mergedOpaque(a: Flat, b: Flat): Flat['opaque'] {
  const opaque = new Map(a.opaque);
  const add = (keyword: string, value: unknown): void => {
    const known = opaque.get(keyword) ?? [];
    if (!known.some((other) => isDeepStrictEqual(other, value))) {
      opaque.set(keyword, [...known, value]);
    }
  };
  for (const [keyword, values] of b.opaque) for (const value of values) add(keyword, value);
  // Names that match a pattern of one schema only are still additional ones of the other.
  for (const [own, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const foreign = patternsOf(other).filter(
      (pattern) => !own.patternProperties.has(pattern) && !isForeign(own, pattern),
    );
    if (own.additional === undefined || own.additional.json === true || foreign.length === 0) {
      continue;
    }
    add('additionalProperties', {
      properties: Object.fromEntries([...own.properties.keys()].map((name) => [name, true])),
      patternProperties: Object.fromEntries(patternsOf(own).map((pattern) => [pattern, true])),
      additionalProperties: inlined(own.additional),
    });
  }
  return opaque;
}

const isNever = (node: Node | undefined): boolean =>
  node !== undefined &&
  (node.json === false ||
    (isJson(node.json) &&
      Array.isArray(node.json['allOf']) &&
      node.json['allOf'].some((part) => isNever({ ...node, json: part }))));

/** Both schemas as one node, at the later one's place. */
export function bothOf(known: Node | undefined, own: Node | undefined): Node | undefined {
  if (known === undefined || own === undefined) return known ?? own;
  if (known.json === true) return own;
  if (own.json === true) return known;
  return { json: { allOf: [known.json, own.json] }, path: own.path, document: own.document };
}
