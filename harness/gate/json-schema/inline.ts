import { GateError } from '../error.ts';
import { isJson, type Node, type SchemaDocument } from './document.ts';

/** The schema with its references written out; where it contains itself, anything goes. */
export function inlined(node: Node): unknown {
  return new Expansion(Number.POSITIVE_INFINITY).of(node.json, node.document, []);
}

/** Like {@link inlined}; undefined when the schema would have more parts than that. */
export function inlinedWithin(node: Node, partsMax: number): unknown {
  const expansion = new Expansion(partsMax);
  const written = expansion.of(node.json, node.document, []);
  return expansion.isWhole ? written : undefined;
}

class Expansion {
  #left: number;

  constructor(partsMax: number) {
    this.#left = partsMax;
  }

  get isWhole(): boolean {
    return this.#left >= 0;
  }

  of(json: unknown, document: SchemaDocument, under: readonly unknown[]): unknown {
    document.spend();
    this.#left -= 1;
    if (!this.isWhole) return true;
    if (Array.isArray(json)) return json.map((item) => this.of(item, document, under));
    if (!isJson(json)) return json;
    const { $ref, ...rest } = json;
    const own = Object.fromEntries(
      Object.entries(rest).map(([key, value]) => [key, this.of(value, document, under)]),
    );
    if (typeof $ref !== 'string') return own;
    const target = document.resolve($ref);
    if (under.includes(target.json)) return Object.keys(own).length === 0 ? true : own;
    const written = this.of(target.json, target.document, [...under, target.json]);
    return Object.keys(own).length === 0 ? written : { allOf: [written, own] };
  }
}

/** Keywords that explain a schema and change nothing about what it accepts. */
const COMMENTS = new Set([
  'title',
  'description',
  'summary',
  'example',
  'examples',
  'deprecated',
  '$comment',
  'externalDocs',
  'xml',
]);

/** Pairs that are the same, or are assumed to be while they are compared: by the first one. */
type Same = Map<object, Set<object>>;

/** Whether two schemas say the same, references followed: each accepts what the other sends. */
export function sameSchema(a: Node, b: Node): boolean {
  const same: Same = new Map();
  if (!equal(a, b, same)) return false;
  for (const [one, others] of same) {
    const known = EQUAL.get(one) ?? new WeakSet();
    for (const other of others) known.add(other);
    EQUAL.set(one, known);
  }
  return true;
}

/** Pairs that are the same: shared schemas are asked for by every operation that uses them. */
const EQUAL = new WeakMap<object, WeakSet<object>>();

/** The same place of a file that, with all that it refers to, is the same in both versions. */
export const isUntouched = (a: Node, b: Node): boolean =>
  a.document.isUnchanged &&
  b.document.isUnchanged &&
  a.document.path === b.document.path &&
  a.path.join('/') === b.path.join('/');

function equal(a: Node, b: Node, same: Same): boolean {
  a.document.spend();
  if (isUntouched(a, b)) return true;
  const [one, other] = [target(a), target(b)];
  if (one.json === other.json) return true;
  if (typeof one.json !== 'object' || one.json === null) return one.json === other.json;
  if (typeof other.json !== 'object' || other.json === null) return false;
  if (same.get(one.json)?.has(other.json) || EQUAL.get(one.json)?.has(other.json)) return true;
  same.set(one.json, (same.get(one.json) ?? new Set()).add(other.json));
  if (Array.isArray(one.json) !== Array.isArray(other.json)) return false;
  const [keys, others] = [keysOf(one.json), keysOf(other.json)];
  if (keys.length !== others.length) return false;
  return keys.every((key) => {
    const [was, is] = [one, other].map((node) => (node.json as Record<string, unknown>)[key]);
    if (was === undefined || is === undefined) return was === is;
    const [own, its] = [one, other].map((node) => [...node.path, key]);
    return equal(
      { ...one, json: was, path: own ?? [] },
      { ...other, json: is, path: its ?? [] },
      same,
    );
  });
}

/** Names of properties are never comments, so an object without schema keywords keeps them all. */
function keysOf(json: object): string[] {
  const keys = Object.keys(json);
  if (Array.isArray(json) || !keys.some((key) => SCHEMA_KEYWORDS.has(key))) return keys;
  return keys.filter((key) => !COMMENTS.has(key) || isJson((json as Record<string, unknown>)[key]));
}

const SCHEMA_KEYWORDS = new Set(['type', '$ref', 'properties', 'allOf', 'anyOf', 'oneOf', 'enum']);

/** Where a plain reference leads; a chain of them that has no end is equal to itself only. */
function target(node: Node): Node {
  let current = node;
  for (let hop = 0; hop < HOPS_MAX; hop += 1) {
    const { json, document } = current;
    if (!isJson(json) || typeof json['$ref'] !== 'string') return current;
    if (Object.keys(json).length > 1) return current;
    const next = resolved(document, json['$ref']);
    // Two references to nothing are the same when they are written the same.
    if (next === undefined) return current;
    current = next;
  }
  return current;
}

function resolved(document: SchemaDocument, reference: string): Node | undefined {
  try {
    return document.resolve(reference);
  } catch (error) {
    if (error instanceof GateError) return undefined;
    throw error;
  }
}

const HOPS_MAX = 32;
