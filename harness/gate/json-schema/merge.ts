import { isDeepStrictEqual } from 'node:util';
import { type Flat, intersection, LOWER, schemasTogether } from './flat.ts';

const RAISING = new Set<string>(LOWER);

/** What holds when both hold; the second one's place. */
export function merged(a: Flat, b: Flat): Flat {
  const bounds = new Map(a.bounds);
  for (const [keyword, value] of b.bounds) {
    const known = bounds.get(keyword);
    if (known === undefined) bounds.set(keyword, value);
    else if (keyword === 'multipleOf') bounds.set(keyword, known * value);
    else
      bounds.set(keyword, RAISING.has(keyword) ? Math.max(known, value) : Math.min(known, value));
  }
  const properties = new Map(a.properties);
  for (const [name, node] of b.properties) {
    properties.set(name, schemasTogether(properties.get(name), node));
  }
  const types =
    a.types === undefined || b.types === undefined
      ? (a.types ?? b.types)
      : intersection(a.types, b.types);
  return {
    path: b.path,
    never: a.never || b.never || types?.size === 0,
    types,
    values: commonValues(a.values, b.values),
    open: a.open || b.open,
    bounds,
    patterns: new Set([...a.patterns, ...b.patterns]),
    formats: new Set([...a.formats, ...b.formats]),
    unique: a.unique || b.unique,
    required: new Set([...a.required, ...b.required]),
    properties,
    additional: optionalTogether(a.additional, b.additional),
    propertyNames: optionalTogether(a.propertyNames, b.propertyNames),
    items: optionalTogether(a.items, b.items),
    prefixItems: b.prefixItems.length > 0 ? b.prefixItems : a.prefixItems,
    dependent: new Map([...a.dependent, ...b.dependent]),
    groups: [...a.groups, ...b.groups],
    opaque: new Map([...a.opaque, ...b.opaque]),
  };
}

const optionalTogether = (a: Flat['items'], b: Flat['items']): Flat['items'] =>
  b === undefined ? a : schemasTogether(a, b);

function commonValues(a: Flat['values'], b: Flat['values']): Flat['values'] {
  if (a === undefined || b === undefined) return a ?? b;
  return a.filter((value) => b.some((other) => isDeepStrictEqual(other, value)));
}
