import { isJson, type Node, type SchemaDocument } from './document.ts';

/** The schema with its references written out; where it contains itself, anything goes. */
export function inlined(node: Node): unknown {
  return expand(node.json, node.document, []);
}

function expand(json: unknown, document: SchemaDocument, under: readonly string[]): unknown {
  if (Array.isArray(json)) return json.map((item) => expand(item, document, under));
  if (!isJson(json)) return json;
  const { $ref, ...rest } = json;
  const own = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, expand(value, document, under)]),
  );
  if (typeof $ref !== 'string') return own;
  if (under.includes($ref)) return Object.keys(own).length === 0 ? true : own;
  const target = expand(document.resolve($ref).json, document, [...under, $ref]);
  return Object.keys(own).length === 0 ? target : { allOf: [target, own] };
}

/** Texts by schema and document: shared schemas are asked for by every operation that uses them. */
const texts = new WeakMap<object, WeakMap<SchemaDocument, string>>();

/** Whether two schemas are the same, references written out: each takes what the other sends. */
export const sameSchema = (a: Node, b: Node): boolean => textOf(a) === textOf(b);

function textOf(node: Node): string {
  const { json, document } = node;
  if (typeof json !== 'object' || json === null) return JSON.stringify(json);
  const known = texts.get(json)?.get(document);
  if (known !== undefined) return known;
  const text = JSON.stringify(inlined(node));
  const byDocument = texts.get(json) ?? new WeakMap<SchemaDocument, string>();
  texts.set(json, byDocument.set(document, text));
  return text;
}
