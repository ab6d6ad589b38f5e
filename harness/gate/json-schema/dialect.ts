type Values = Readonly<Record<string, unknown>>;

const STRICT = [
  ['exclusiveMinimum', 'minimum'],
  ['exclusiveMaximum', 'maximum'],
] as const;

/** Translates OpenAPI 3.0 keywords (`nullable`, boolean `exclusiveMinimum`) to JSON Schema. */
export function modern(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(modern);
  if (typeof value !== 'object' || value === null) return value;
  const schema: Record<string, unknown> = Object.fromEntries(
    Object.entries(value as Values).map(([key, part]) => [key, modern(part)]),
  );
  if (schema['nullable'] === true && typeof schema['type'] === 'string') {
    schema['type'] = [schema['type'], 'null'];
    delete schema['nullable'];
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
