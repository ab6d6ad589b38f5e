import { isDeepStrictEqual } from 'node:util';
import { isJson, type Json, type Node } from './document.ts';
import {
  anything,
  type Bound,
  type Condition,
  type Contains,
  type Flat,
  type Group,
  type JsonType,
  LOWER,
  TYPES,
  UPPER,
} from './flat.ts';
import { inlined } from './inline.ts';

/** Keywords without a comparison of their own. */
const OPAQUE: readonly string[] = ['contentEncoding', 'contentMediaType'];

/** What a node's own keywords say: not what it refers to, and not its `allOf`. */
export function ownKeywords(node: Node): Flat {
  const { json, path } = node;
  if (!isJson(json)) return { ...anything(node), never: json === false };
  const dependencies = dependenciesOf(node, json);
  const negated = part(node, json, 'not');
  return {
    ...anything(node),
    ...typesAndValues(json),
    bounds: boundsOf(json),
    patterns: textSet(json['pattern']),
    formats: textSet(json['format']),
    unique: json['uniqueItems'] === true,
    required: new Set(list(json['required']).map(String)),
    properties: partsByName(node, json, 'properties'),
    patternProperties: partsByName(node, json, 'patternProperties'),
    additional: part(node, json, 'additionalProperties'),
    propertyNames: part(node, json, 'propertyNames'),
    items: part(node, json, 'items'),
    prefixItems: list(json['prefixItems']).map((item, index) => ({
      ...node,
      json: item,
      path: [...path, 'prefixItems', index],
    })),
    contains: containsOf(node, json),
    dependent: dependencies.required,
    groups: groupsOf(node, json),
    conditions: [...ifOf(node, json), ...dependencies.conditions],
    negations: negated === undefined ? [] : [negated],
    opaque: opaqueOf(node, json),
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
  readonly conditions: Condition[];
}

/** `dependentRequired`, `dependentSchemas`, and the older `dependencies` that may hold both. */
function dependenciesOf(node: Node, json: Json): Dependencies {
  const required = new Map<string, ReadonlySet<string>>();
  const conditions: Condition[] = [];
  for (const keyword of ['dependentRequired', 'dependentSchemas', 'dependencies']) {
    const found = json[keyword];
    for (const [name, needs] of Object.entries(isJson(found) ? found : {})) {
      const place = { ...node, path: [...node.path, keyword, name] };
      if (Array.isArray(needs)) {
        required.set(name, new Set([...(required.get(name) ?? []), ...needs.map(String)]));
        continue;
      }
      conditions.push({
        when: { ...place, json: { type: 'object', required: [name] } },
        otherwise: { ...place, json: { properties: { [name]: false } } },
        met: { ...place, json: needs },
        unmet: undefined,
      });
    }
  }
  return { required, conditions };
}

function ifOf(node: Node, json: Json): Condition[] {
  const [when, then] = [part(node, json, 'if'), part(node, json, 'then')];
  const otherwise = part(node, json, 'else');
  if (when === undefined || (then === undefined && otherwise === undefined)) return [];
  return [{ when, otherwise: { ...when, json: { not: when.json } }, met: then, unmet: otherwise }];
}

function containsOf(node: Node, json: Json): Contains[] {
  const schema = part(node, json, 'contains');
  if (schema === undefined) return [];
  const [least, most] = [json['minContains'], json['maxContains']];
  return [
    {
      schema,
      least: typeof least === 'number' ? least : 1,
      most: typeof most === 'number' ? most : undefined,
    },
  ];
}

function partsByName(node: Node, json: Json, keyword: string): Map<string, Node> {
  const found = json[keyword];
  return new Map(
    Object.entries(isJson(found) ? found : {}).map(([name, value]) => [
      name,
      { ...node, json: value, path: [...node.path, keyword, name] },
    ]),
  );
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

const opaqueOf = (node: Node, json: Json): Map<string, readonly unknown[]> =>
  new Map(
    OPAQUE.filter((keyword) => keyword in json).map((keyword) => [
      keyword,
      [inlined({ ...node, json: json[keyword] })],
    ]),
  );

const part = (node: Node, json: Json, key: string): Node | undefined =>
  key in json ? { ...node, json: json[key], path: [...node.path, key] } : undefined;

const textSet = (value: unknown): Set<string> => new Set(typeof value === 'string' ? [value] : []);

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
