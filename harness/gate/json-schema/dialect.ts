type Values = Readonly<Record<string, unknown>>;

const STRICT = [
  ['exclusiveMinimum', 'minimum'],
  ['exclusiveMaximum', 'maximum'],
] as const;

/** Keywords whose keys are names, not keywords. */
const BY_NAME = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
]);
/** Keywords whose values are data. */
const VERBATIM = new Set(['const', 'enum']);

/**
 * Translates keywords of OpenAPI 3.0 (`nullable`, boolean `exclusiveMinimum`) and of older drafts
 * (`items` as a list) to JSON Schema 2020-12.
 */
export function modern(value: unknown, isByName = false): unknown {
  if (Array.isArray(value)) return value.map((item) => modern(item));
  if (typeof value !== 'object' || value === null) return value;
  const schema: Record<string, unknown> = Object.fromEntries(
    Object.entries(value as Values).map(([key, part]) => [
      key,
      !isByName && VERBATIM.has(key) ? part : modern(part, !isByName && BY_NAME.has(key)),
    ]),
  );
  if (isByName) return schema;
  if (schema['nullable'] === true && typeof schema['type'] === 'string') {
    schema['type'] = [schema['type'], 'null'];
    delete schema['nullable'];
  }
  if (Array.isArray(schema['items']) && !('prefixItems' in schema)) {
    schema['prefixItems'] = schema['items'];
    delete schema['items'];
    if ('additionalItems' in schema) schema['items'] = schema['additionalItems'];
  }
  for (const [strict, bound] of STRICT) {
    if (typeof schema[strict] !== 'boolean') continue;
    const edge = schema[bound];
    const excluded = schema[strict] === true && edge !== undefined;
    delete schema[strict];
    if (!excluded) continue;
    delete schema[bound];
    schema[strict] = edge;
  }
  return schema;
}
