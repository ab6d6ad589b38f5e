import fc from 'fast-check';

export type Part = Readonly<Record<string, unknown>>;

const NAMES = ['a', 'b', 'x1', 'x2'] as const;
const small = fc.integer({ min: 0, max: 3 });
const step = fc.constantFrom(1, 2, 3, 4, 6, 0.1, 0.25, 0.5, 1.5);
const edge = fc.integer({ min: -3, max: 12 });
const scalar = fc.constantFrom<unknown>(null, true, false, 0, 1, 2, 1.5, 'a', 'ab', 'x1');
const leaf: fc.Arbitrary<Part | boolean> = fc.oneof(
  fc.boolean(),
  fc.record({ type: fc.constantFrom('string', 'integer', 'number', 'boolean') }),
  fc.record({ enum: fc.uniqueArray(scalar, { minLength: 1, maxLength: 4 }) }),
  fc.record({ minimum: edge }),
  fc.record({ multipleOf: step }),
);
const names = fc.subarray([...NAMES]);
const byName = fc.dictionary(fc.constantFrom(...NAMES), leaf, { maxKeys: 3 });
const optional = (keywords: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Part> =>
  fc.record(keywords, { requiredKeys: [] });
const types = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'];
const alternatives = fc.array(
  fc.oneof(
    leaf,
    optional({ properties: byName, additionalProperties: fc.boolean(), required: names }),
  ),
  { minLength: 1, maxLength: 3 },
);

/** Keywords by the merge rule that combines them. */
export const RULES: Readonly<Record<string, fc.Arbitrary<Part>>> = {
  types: optional({
    type: fc.oneof(
      fc.constantFrom(...types),
      fc.uniqueArray(fc.constantFrom(...types), { minLength: 1, maxLength: 4 }),
    ),
  }),
  values: optional({
    enum: fc.uniqueArray(scalar, { minLength: 1, maxLength: 6 }),
    const: scalar,
  }),
  'limits of numbers': optional({
    minimum: edge,
    maximum: edge,
    exclusiveMinimum: edge,
    exclusiveMaximum: edge,
  }),
  steps: optional({ multipleOf: step }),
  texts: optional({
    minLength: small,
    maxLength: small,
    pattern: fc.constantFrom('^a', 'b$', '^x[0-9]$', '.'),
  }),
  'properties and additional properties': optional({
    properties: byName,
    additionalProperties: leaf,
    required: names,
    minProperties: small,
    maxProperties: small,
  }),
  'properties by pattern': optional({
    properties: byName,
    patternProperties: fc.dictionary(fc.constantFrom('^x', '1$', '^a'), leaf, { maxKeys: 2 }),
    additionalProperties: leaf,
  }),
  'names of properties': optional({
    propertyNames: fc.constantFrom<unknown>(
      true,
      { maxLength: 1 },
      { pattern: '^x' },
      { enum: ['a', 'x1'] },
    ),
  }),
  dependencies: optional({
    dependentRequired: fc.dictionary(fc.constantFrom(...NAMES), names, { maxKeys: 2 }),
    dependencies: fc.dictionary(fc.constantFrom(...NAMES), fc.oneof(names, leaf), { maxKeys: 2 }),
  }),
  items: optional({ items: leaf, minItems: small, maxItems: small, uniqueItems: fc.boolean() }),
  'items by position': optional({
    prefixItems: fc.array(leaf, { minLength: 1, maxLength: 3 }),
    items: leaf,
  }),
  alternatives: optional({ anyOf: alternatives, oneOf: alternatives }),
  'whole keywords': optional({
    not: leaf,
    if: leaf,
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: leaf,
    else: leaf,
    contains: leaf,
    maxContains: small,
    dependentSchemas: fc.dictionary(fc.constantFrom(...NAMES), leaf, { maxKeys: 1 }),
  }),
  'what nothing else evaluates': optional({
    properties: byName,
    anyOf: alternatives,
    unevaluatedProperties: leaf,
    prefixItems: fc.array(leaf, { minLength: 1, maxLength: 2 }),
    unevaluatedItems: leaf,
  }),
};

/** Schemas with the keywords of some of the rules. */
export const schemas = (rules: readonly string[], rulesMax = 4): fc.Arbitrary<Part> =>
  fc
    .subarray([...rules], { minLength: 1, maxLength: Math.min(rules.length, rulesMax) })
    .chain((chosen) =>
      fc
        .tuple(...chosen.map((rule) => RULES[rule] ?? fc.constant({})))
        .map((parts) => withoutContains(Object.assign({}, ...parts) as Part)),
    );

/** ajv 8 accepts an empty array for `contains` with `items` or `prefixItems` in one schema. */
function withoutContains(schema: Part): Part {
  if (!('items' in schema || 'prefixItems' in schema)) return schema;
  const { contains: _, maxContains: __, ...rest } = schema;
  return rest;
}

/** Values near the limits that those schemas set. */
export const instances: fc.Arbitrary<unknown> = fc.oneof(
  scalar,
  fc.integer({ min: -4, max: 24 }),
  fc.integer({ min: -40, max: 240 }).map((tenths) => tenths / 20),
  fc.constantFrom('', 'b', 'x2', 'abab'),
  fc.array(scalar, { maxLength: 4 }),
  fc.dictionary(fc.constantFrom(...NAMES), scalar, { maxKeys: 4 }),
);
