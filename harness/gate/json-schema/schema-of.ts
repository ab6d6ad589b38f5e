import type { Node } from './document.ts';
import type { Flat, Group } from './flat.ts';
import { inlined } from './inline.ts';

/** A flattened schema as JSON Schema again, references written out, for validators. */
export function schemaOf(flat: Flat): unknown {
  if (flat.never) return false;
  const patterns = patternsOf(flat);
  const object: Record<string, unknown> = {
    properties: Object.fromEntries(
      [...flat.properties].map(([name, node]) => [name, inlined(node)]),
    ),
    ...(patterns.length > 0 ? { patternProperties: Object.fromEntries(patterns) } : {}),
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
      {
        dependentRequired: Object.fromEntries(
          [...flat.dependent].map(([name, needs]) => [name, [...needs]]),
        ),
      },
      ...flat.groups.map(({ kind, branches }: Group) => ({
        [kind]: branches.map(inlined),
      })),
      ...[...flat.opaque].flatMap(([name, values]) => values.map((value) => opaque(name, value))),
    ],
  };
}

const keyword = (name: string, node: Node | undefined): Record<string, unknown> =>
  node === undefined ? {} : { [name]: inlined(node) };

/** Every name of every pattern, so that `additionalProperties` leaves them alone. */
const patternsOf = (flat: Flat): Array<[string, boolean]> =>
  (flat.opaque.get('patternProperties') ?? []).flatMap((patterns) =>
    Object.keys(patterns as object).map((pattern): [string, boolean] => [pattern, true]),
  );

/** Keywords that mean something together only are kept together, some with the whole schema. */
function opaque(name: string, value: unknown): unknown {
  const whole = ['if', 'contains', 'additionalProperties', 'unevaluatedProperties'];
  return [...whole, 'unevaluatedItems'].includes(name) ? value : { [name]: value };
}
