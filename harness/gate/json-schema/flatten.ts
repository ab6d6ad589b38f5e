import { followed, isJson, type Json, type Node } from './document.ts';
import { anything, type Flat } from './flat.ts';
import { inlined } from './inline.ts';
import { merged } from './merge.ts';
import { ownKeywords } from './own-keywords.ts';

const DEPTH_MAX = 32;

/** Resolves a schema's references and `allOf` into one set of keywords. */
export const flatten = (node: Node): Flat => leaveOut(combined(node, 0), node);

function combined(node: Node, depth: number): Flat {
  const { json, document, path } = node;
  if (depth > DEPTH_MAX) return anything(path);
  if (!isJson(json)) return ownKeywords(node);
  const parts = list(json['allOf']).map((part, index) => ({
    ...node,
    json: part,
    path: [...path, 'allOf', index],
  }));
  const target = typeof json['$ref'] === 'string' ? [document.resolve(json['$ref'])] : [];
  const others = [...target, ...parts].map((part) => combined(part, depth + 1));
  const all = others.reduce((known, other) => merged(known, other), anything(path));
  return { ...withUnevaluated(merged(all, ownKeywords(node)), node, json), path };
}

/**
 * `unevaluatedProperties` and `unevaluatedItems` see what references and `allOf` evaluate, so they
 * are `additionalProperties` and `items` of the combination. Alternatives evaluate more in some
 * cases: with them the keyword is compared as a whole, with everything that it depends on.
 */
function withUnevaluated(flat: Flat, node: Node, json: Json): Flat {
  const found = (['unevaluatedProperties', 'unevaluatedItems'] as const).filter(
    (keyword) => keyword in json,
  );
  if (found.length === 0) return flat;
  const conditional =
    flat.groups.length > 0 ||
    ['if', 'dependentSchemas', 'dependencies', 'contains'].some((it) => flat.opaque.has(it));
  const opaque = new Map(flat.opaque);
  let { additional, items } = flat;
  for (const keyword of found) {
    const own = { ...node, json: json[keyword], path: [...node.path, keyword] };
    if (conditional) opaque.set(keyword, [...(opaque.get(keyword) ?? []), inlined(node)]);
    else if (keyword === 'unevaluatedProperties') additional ??= own;
    else items ??= own;
  }
  return { ...flat, additional, items, opaque };
}

/** `readOnly` and `writeOnly` properties exist in one direction only. */
function leaveOut(flat: Flat, { document: { view } }: Node): Flat {
  if (view === undefined) return flat;
  const away = [...flat.properties]
    .filter(([, property]) => isMarked(property, view.leftOut))
    .map(([name]) => name);
  if (away.length === 0) return flat;
  const required = new Set([...flat.required].filter((name) => !away.includes(name)));
  if (view.side === 'receiver') return { ...flat, required };
  const sent = [...flat.properties].filter(([name]) => !away.includes(name));
  return { ...flat, required, properties: new Map(sent) };
}

function isMarked(node: Node, mark: string): boolean {
  const { json } = node;
  if (!isJson(json)) return false;
  if (json[mark] === true) return true;
  const target = followed(node);
  if (target.json !== json) return isMarked(target, mark);
  return list(json['allOf']).some((part) => isMarked({ ...node, json: part }, mark));
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
