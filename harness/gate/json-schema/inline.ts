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
type Same = Map<unknown, Set<unknown>>;

/** Whether two schemas say the same, references followed: each accepts what the other sends. */
export const sameSchema = (a: Node, b: Node): boolean => equal(a, b, new Map());

function equal(a: Node, b: Node, same: Same): boolean {
  a.document.spend();
  const [one, other] = [target(a), target(b)];
  if (one.json === other.json) return true;
  if (typeof one.json !== 'object' || one.json === null) return one.json === other.json;
  if (typeof other.json !== 'object' || other.json === null) return false;
  if (same.get(one.json)?.has(other.json)) return true;
  same.set(one.json, (same.get(one.json) ?? new Set()).add(other.json));
  if (Array.isArray(one.json) !== Array.isArray(other.json)) return false;
  const [keys, others] = [keysOf(one.json), keysOf(other.json)];
  if (keys.length !== others.length) return false;
  return keys.every((key) => {
    const [was, is] = [one, other].map((node) => (node.json as Record<string, unknown>)[key]);
    if (was === undefined || is === undefined) return was === is;
    return equal({ ...one, json: was }, { ...other, json: is }, same);
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
    current = document.resolve(json['$ref']);
  }
  return current;
}

const HOPS_MAX = 32;
