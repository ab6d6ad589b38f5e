import { isDeepStrictEqual } from 'node:util';
import { isJson, type Json, type Node } from './document.ts';
import {
  anything,
  type Bound,
  type Flat,
  type Group,
  type JsonType,
  LOWER,
  TYPES,
  UPPER,
} from './flat.ts';
import { inlined } from './inline.ts';

/** Keywords without a comparison of their own; those of one row only mean something together. */
const OPAQUE: ReadonlyArray<readonly string[]> = [
  ['not'],
  ['if', 'then', 'else'],
  ['contains', 'minContains', 'maxContains'],
  ['patternProperties'],
  ['dependentSchemas'],
  ['contentEncoding'],
  ['contentMediaType'],
];

/** What a node's own keywords say: not what it refers to, and not its `allOf`. */
export function ownKeywords(node: Node): Flat {
  const { json, path } = node;
  if (!isJson(json)) return { ...anything(path), never: json === false };
  const dependencies = dependenciesOf(node, json);
  return {
    ...anything(path),
    ...typesAndValues(json),
    bounds: boundsOf(json),
    patterns: textSet(json['pattern']),
    formats: textSet(json['format']),
    unique: json['uniqueItems'] === true,
    required: new Set(list(json['required']).map(String)),
    properties: new Map(
      Object.entries(isJson(json['properties']) ? json['properties'] : {}).map(([name, value]) => [
        name,
        { ...node, json: value, path: [...path, 'properties', name] },
      ]),
    ),
    additional: part(node, json, 'additionalProperties'),
    propertyNames: part(node, json, 'propertyNames'),
    items: part(node, json, 'items'),
    prefixItems: list(json['prefixItems']).map((item, index) => ({
      ...node,
      json: item,
      path: [...path, 'prefixItems', index],
    })),
    dependent: dependencies.required,
    groups: groupsOf(node, json),
    opaque: new Map([...opaqueOf(node, json), ...dependencies.schemas]),
  };
}

function typesAndValues(json: Json): Pick<Flat, 'types' | 'values' | 'open'> {
  const { type } = json;
  const named = typeof type === 'string' ? [type] : list(type);
  const types = new Set(TYPES.filter((name) => named.includes(name)));
  const constant = 'const' in json ? [json['const']] : undefined;
  const members = Array.isArray(json['enum']) ? json['enum'] : undefined;
  const values =
    constant === undefined || members === undefined
      ? (constant ?? members)
      : constant.filter((value) => members.some((other) => isDeepStrictEqual(other, value)));
  return {
    types: named.length > 0 ? types : values && typesOf(values),
    values,
    open: json['x-extensible-enum'] === true,
  };
}

/** A closed set implies its types: a tolerant reader accepts more members, not other types. */
function typesOf(values: readonly unknown[]): Set<JsonType> {
  return new Set(
    values.map((value): JsonType => {
      if (value === null) return 'null';
      if (Array.isArray(value)) return 'array';
      if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
      return typeof value as JsonType;
    }),
  );
}

function boundsOf(json: Json): Map<Bound, number> {
  const bounds = new Map<Bound, number>();
  for (const keyword of [...LOWER, ...UPPER, 'multipleOf'] as const) {
    const value = json[keyword];
    // A step of zero or less is no valid schema; the document's own check reports it.
    if (typeof value === 'number' && (keyword !== 'multipleOf' || value > 0)) {
      bounds.set(keyword, value);
    }
  }
  return bounds;
}

interface Dependencies {
  readonly required: Map<string, ReadonlySet<string>>;
  readonly schemas: Map<string, readonly unknown[]>;
}

/** `dependentRequired`, and the older `dependencies` that may hold schemas as well. */
function dependenciesOf(node: Node, json: Json): Dependencies {
  const required = new Map<string, ReadonlySet<string>>();
  const schemas: Record<string, unknown> = {};
  for (const keyword of ['dependentRequired', 'dependencies']) {
    const found = json[keyword];
    for (const [name, needs] of Object.entries(isJson(found) ? found : {})) {
      if (!Array.isArray(needs)) schemas[name] = inlined({ ...node, json: needs });
      else required.set(name, new Set([...(required.get(name) ?? []), ...needs.map(String)]));
    }
  }
  const found = Object.keys(schemas).length > 0;
  return { required, schemas: new Map(found ? [['dependencies', [schemas]]] : []) };
}

function groupsOf(node: Node, json: Json): Group[] {
  return (['anyOf', 'oneOf'] as const).flatMap((kind) => {
    const branches = list(json[kind]).map((branch, index) => ({
      ...node,
      json: named(branch, json['discriminator']),
      path: [...node.path, kind, index],
    }));
    return branches.length === 0 ? [] : [{ kind, branches }];
  });
}

/** A mapped alternative has its name in the property that tells the alternatives apart. */
function named(branch: unknown, discriminator: unknown): unknown {
  if (!isJson(branch) || !isJson(discriminator) || !isJson(discriminator['mapping'])) return branch;
  const property = String(discriminator['propertyName']);
  const own = String(branch['$ref']);
  const names = Object.entries(discriminator['mapping'])
    .filter(([, target]) => target === own || `#/components/schemas/${target}` === own)
    .map(([name]) => name);
  if (names.length === 0) return branch;
  const mark = { required: [property], properties: { [property]: { enum: names } } };
  return { allOf: [branch, mark] };
}

function opaqueOf(node: Node, json: Json): Array<[string, readonly unknown[]]> {
  return OPAQUE.flatMap((keywords): Array<[string, readonly unknown[]]> => {
    const [first = ''] = keywords;
    if (!(first in json)) return [];
    const together = Object.fromEntries(
      keywords
        .filter((keyword) => keyword in json)
        .map((keyword) => [keyword, inlined({ ...node, json: json[keyword] })]),
    );
    return [[first, [keywords.length === 1 ? together[first] : together]]];
  });
}

const part = (node: Node, json: Json, key: string): Node | undefined =>
  key in json ? { ...node, json: json[key], path: [...node.path, key] } : undefined;

const textSet = (value: unknown): Set<string> => new Set(typeof value === 'string' ? [value] : []);

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
