import type { Node } from './document.ts';
import type { Flat, Group } from './flat.ts';
import { inlined } from './inline.ts';

/** A flattened schema as JSON Schema again, references written out, for validators. */
export function schemaOf(flat: Flat): unknown {
  if (flat.never) return false;
  const object: Record<string, unknown> = {
    properties: written(flat.properties),
    patternProperties: written(flat.patternProperties),
    ...keyword('additionalProperties', flat.additional),
  };
  const array: Record<string, unknown> = {
    ...(flat.prefixItems.length > 0 ? { prefixItems: flat.prefixItems.map(inlined) } : {}),
    ...keyword('items', flat.items),
  };
  return {
    allOf: [
      object,
      array,
      ...(flat.types === undefined ? [] : [{ type: [...flat.types] }]),
      ...(flat.values === undefined ? [] : [{ enum: flat.values }]),
      Object.fromEntries(flat.bounds),
      ...[...flat.patterns].map((pattern) => ({ pattern })),
      ...[...flat.formats].map((format) => ({ format })),
      { uniqueItems: flat.unique, required: [...flat.required] },
      keyword('propertyNames', flat.propertyNames),
      ...flat.contains.map(({ schema, least, most }) => ({
        contains: inlined(schema),
        minContains: least,
        ...(most === undefined ? {} : { maxContains: most }),
      })),
      {
        dependentRequired: Object.fromEntries(
          [...flat.dependent].map(([name, needs]) => [name, [...needs]]),
        ),
      },
      ...[...flat.groups, ...flat.satisfied].map(({ kind, branches }: Group) => ({
        [kind]: branches.map(inlined),
      })),
      ...flat.conditions.map((condition) => ({
        if: inlined(condition.when),
        ...keyword('then', condition.met),
        ...keyword('else', condition.unmet),
      })),
      ...flat.negations.map((node) => ({ not: inlined(node) })),
      ...[...flat.opaque].flatMap(([name, values]) => values.map((value) => opaque(name, value))),
    ],
  };
}

const written = (nodes: ReadonlyMap<string, Node>): Record<string, unknown> =>
  Object.fromEntries([...nodes].map(([name, node]) => [name, inlined(node)]));

const keyword = (name: string, node: Node | undefined): Record<string, unknown> =>
  node === undefined ? {} : { [name]: inlined(node) };

/** Keywords that only mean something with the rest of their schema are kept with all of it. */
function opaque(name: string, value: unknown): unknown {
  const whole = ['additionalProperties', 'unevaluatedProperties', 'unevaluatedItems'];
  return whole.includes(name) ? value : { [name]: value };
}
