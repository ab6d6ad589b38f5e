import { GateError } from '../error.ts';
import { followed, isJson, type Json, type Node } from './document.ts';
import { anything, type Flat, type Group } from './flat.ts';
import { inlined } from './inline.ts';
import { merged } from './merge.ts';
import { ownKeywords } from './own-keywords.ts';

/** Resolves a schema's references and `allOf` into one set of keywords. */
export const flatten = (node: Node): Flat => leaveOut(combined(node, []), node);

/** @param under schemas that this one is a part of */
function combined(node: Node, under: readonly unknown[]): Flat {
  const { json, document, path } = node;
  document.spend();
  if (!isJson(json)) return ownKeywords(node);
  if (under.includes(json)) {
    throw new GateError(`${document.file}: /${path.join('/')} refers to itself`, {
      file: document.path,
      fix: 'break the cycle: a schema that only refers to itself describes nothing',
    });
  }
  const parts = list(json['allOf']).map((part, index) => ({
    ...node,
    json: part,
    path: [...path, 'allOf', index],
  }));
  const target = typeof json['$ref'] === 'string' ? [document.resolve(json['$ref'])] : [];
  const others = [...target, ...parts].map((part) => combined(part, [...under, json]));
  const all = others.reduce((known, other) => merged(known, other), anything(node));
  return { ...withUnevaluated(merged(all, ownKeywords(node)), node, json), path };
}

const UNEVALUATED = ['unevaluatedProperties', 'unevaluatedItems'] as const;

/**
 * `unevaluatedProperties` and `unevaluatedItems` see what references and `allOf` evaluate, so they
 * are `additionalProperties` and `items` of the combination. An alternative evaluates more, so they
 * move into it. Conditions also do: with them the keyword is compared as a whole, with everything
 * that it depends on.
 */
function withUnevaluated(flat: Flat, node: Node, json: Json): Flat {
  const found = UNEVALUATED.filter((keyword) => keyword in json);
  if (found.length === 0) return flat;
  const [group] = flat.groups;
  const isConditional = flat.conditions.length > 0 || flat.contains.length > 0;
  if (group !== undefined && flat.groups.length === 1 && group.kind in json && !isConditional) {
    return { ...flat, groups: [intoBranches(group, json)] };
  }
  const conditional = flat.groups.length > 0 || isConditional;
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

/** The alternatives, each with the keywords next to them. */
function intoBranches({ kind, branches }: Group, json: Json): Group {
  const { [kind]: _, unevaluatedProperties, unevaluatedItems, ...rest } = json;
  const own = {
    ...(unevaluatedProperties === undefined ? {} : { unevaluatedProperties }),
    ...(unevaluatedItems === undefined ? {} : { unevaluatedItems }),
  };
  return {
    kind,
    branches: branches.map((branch) => ({
      ...branch,
      json: { allOf: [rest, branch.json], ...own },
    })),
  };
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
