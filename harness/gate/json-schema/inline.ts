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
