import { isDeepStrictEqual } from 'node:util';
import type { Path } from '../sources/position.ts';
import { followed, isJson, type Json, type Node } from './document.ts';

export const TYPES = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const;
export type JsonType = (typeof TYPES)[number];

/** Keywords that are a number and bound from below, or from above. */
export const LOWER = [
  'minimum',
  'exclusiveMinimum',
  'minLength',
  'minItems',
  'minProperties',
] as const;
export const UPPER = [
  'maximum',
  'exclusiveMaximum',
  'maxLength',
  'maxItems',
  'maxProperties',
] as const;
export type Bound = (typeof LOWER)[number] | (typeof UPPER)[number] | 'multipleOf';

/** A schema without references and `allOf`: what it says about one value. */
export interface Flat {
  /** Where it is written, for lines. */
  path: Path;
  never: boolean;
  /** Undefined: any. */
  types: Set<JsonType> | undefined;
  /** From `enum` and `const`; undefined: any. */
  values: unknown[] | undefined;
  /** Members that are not listed are to be accepted by who reads it. */
  open: boolean;
  readonly bounds: Map<Bound, number>;
  readonly patterns: Set<string>;
  readonly formats: Set<string>;
  unique: boolean;
  readonly required: Set<string>;
  readonly properties: Map<string, Node>;
  additional: Node | undefined;
  propertyNames: Node | undefined;
  items: Node | undefined;
  readonly prefixItems: Node[];
  readonly dependent: Map<string, readonly string[]>;
  readonly groups: Group[];
  /** Keywords that are compared as a whole. */
  readonly opaque: Map<string, unknown>;
}

export interface Group {
  readonly kind: 'anyOf' | 'oneOf';
  readonly branches: readonly Node[];
}

const OPAQUE = [
  'not',
  'if',
  'then',
  'else',
  'contains',
  'minContains',
  'maxContains',
  'patternProperties',
  'dependentSchemas',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contentEncoding',
  'contentMediaType',
];
const DEPTH_MAX = 32;

/** Flattens a schema; `extra` schemas must hold as well. */
export function flatten(node: Node, extra: readonly Node[] = []): Flat {
  const flat: Flat = {
    path: node.path,
    never: false,
    types: undefined,
    values: undefined,
    open: false,
    bounds: new Map(),
    patterns: new Set(),
    formats: new Set(),
    unique: false,
    required: new Set(),
    properties: new Map(),
    additional: undefined,
    propertyNames: undefined,
    items: undefined,
    prefixItems: [],
    dependent: new Map(),
    groups: [],
    opaque: new Map(),
  };
  for (const each of [node, ...extra]) absorb(flat, each, 0);
  if (flat.values !== undefined && flat.types === undefined) flat.types = typesOf(flat.values);
  if (flat.types?.size === 0) flat.never = true;
  leaveOut(flat, node);
  return flat;
}

/** What only goes the other way is sent by nobody, and asked of nobody. */
function leaveOut(flat: Flat, { document: { view } }: Node): void {
  if (view === undefined) return;
  for (const [name, property] of flat.properties) {
    if (!isMarked(property, view.leftOut)) continue;
    flat.required.delete(name);
    if (view.side === 'sender') flat.properties.delete(name);
  }
}

function isMarked(node: Node, mark: string): boolean {
  const { json } = node;
  if (!isJson(json)) return false;
  if (json[mark] === true) return true;
  const target = followed(node);
  if (target.json !== json) return isMarked(target, mark);
  return list(json['allOf']).some((part) => isMarked({ ...node, json: part }, mark));
}

/** A closed set says its types as well: a tolerant reader takes more members, not other types. */
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

function absorb(flat: Flat, node: Node, depth: number): void {
  const { json, document } = node;
  if (json === false) flat.never = true;
  if (!isJson(json) || depth > DEPTH_MAX) return;
  if (typeof json['$ref'] === 'string') absorb(flat, document.resolve(json['$ref']), depth + 1);
  for (const [index, part] of list(json['allOf']).entries()) {
    absorb(flat, { json: part, path: [...node.path, 'allOf', index], document }, depth + 1);
  }
  absorbTypes(flat, json);
  absorbNumbers(flat, json);
  absorbText(flat, json);
  absorbObject(flat, node, json);
  absorbArray(flat, node, json);
  for (const kind of ['anyOf', 'oneOf'] as const) {
    const branches = list(json[kind]).map((part, index) => ({
      json: named(part, json['discriminator']),
      path: [...node.path, kind, index],
      document,
    }));
    if (branches.length > 0) flat.groups.push({ kind, branches });
  }
  for (const keyword of OPAQUE) {
    if (keyword in json) flat.opaque.set(keyword, json[keyword]);
  }
}

/** An alternative of a mapping has its name in the property that tells alternatives apart. */
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

function absorbTypes(flat: Flat, json: Json): void {
  const { type } = json;
  const named = typeof type === 'string' ? [type] : list(type);
  if (named.length > 0) {
    const types = new Set(named.filter((name): name is JsonType => TYPES.some((t) => t === name)));
    flat.types = flat.types === undefined ? types : intersection(flat.types, types);
  }
  const values =
    'const' in json ? [json['const']] : Array.isArray(json['enum']) ? json['enum'] : undefined;
  if (values !== undefined) {
    flat.values = (flat.values ?? values).filter((value) =>
      values.some((other) => isDeepStrictEqual(other, value)),
    );
  }
  if (json['x-extensible-enum'] === true) flat.open = true;
}

/** Both at once: `integer` is a `number`. */
export function intersection(a: Set<JsonType>, b: Set<JsonType>): Set<JsonType> {
  const both = new Set([...a].filter((type) => b.has(type)));
  if ((a.has('integer') && b.has('number')) || (b.has('integer') && a.has('number'))) {
    both.add('integer');
  }
  return both;
}

function absorbNumbers(flat: Flat, json: Json): void {
  const tighten = (keyword: Bound, choose: (a: number, b: number) => number): void => {
    const value = json[keyword];
    if (typeof value !== 'number') return;
    const known = flat.bounds.get(keyword);
    flat.bounds.set(keyword, known === undefined ? value : choose(known, value));
  };
  for (const keyword of LOWER) tighten(keyword, Math.max);
  for (const keyword of UPPER) tighten(keyword, Math.min);
  tighten('multipleOf', (a, b) => a * b);
  if (json['uniqueItems'] === true) flat.unique = true;
}

function absorbText(flat: Flat, json: Json): void {
  const { pattern, format } = json;
  if (typeof pattern === 'string') flat.patterns.add(pattern);
  if (typeof format === 'string') flat.formats.add(format);
}

function absorbObject(flat: Flat, node: Node, json: Json): void {
  const { path, document } = node;
  for (const name of list(json['required'])) flat.required.add(String(name));
  if (isJson(json['properties'])) {
    for (const [name, value] of Object.entries(json['properties'])) {
      const own = { json: value, path: [...path, 'properties', name], document };
      flat.properties.set(name, schemasTogether(flat.properties.get(name), own));
    }
  }
  if ('additionalProperties' in json) {
    flat.additional = schemasTogether(flat.additional, at(node, json, 'additionalProperties'));
  }
  if ('propertyNames' in json) {
    flat.propertyNames = schemasTogether(flat.propertyNames, at(node, json, 'propertyNames'));
  }
  for (const keyword of ['dependentRequired', 'dependencies']) {
    const dependencies = json[keyword];
    if (!isJson(dependencies)) continue;
    for (const [name, needs] of Object.entries(dependencies)) {
      if (Array.isArray(needs)) flat.dependent.set(name, needs.map(String));
    }
  }
}

function absorbArray(flat: Flat, node: Node, json: Json): void {
  const { path, document } = node;
  if ('items' in json) flat.items = schemasTogether(flat.items, at(node, json, 'items'));
  for (const [index, item] of list(json['prefixItems']).entries()) {
    flat.prefixItems.push({ json: item, path: [...path, 'prefixItems', index], document });
  }
}

const at = ({ path, document }: Node, json: Json, key: string): Node => ({
  json: json[key],
  path: [...path, key],
  document,
});

/** Both schemas at once; the later one's place. */
export function schemasTogether(known: Node | undefined, own: Node): Node {
  if (known === undefined) return own;
  return { json: { allOf: [known.json, own.json] }, path: own.path, document: own.document };
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
