import { isJson } from '../../harness/gate/json-schema/document.ts';

/** A schema as read by a client that accepts unknown enum members and properties. */
export function tolerant(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(tolerant);
  if (!isJson(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => {
        if (key === 'enum') return !Array.isArray(value);
        return !(key === 'additionalProperties' && value === false);
      })
      .map(([key, value]) => [key, tolerant(value)]),
  );
}
