import type { SchemaRegistry } from './schema-registry.ts';

/** A Schema Registry in memory; the contract suite holds it to what a real one does. */
export function memoryRegistry(): SchemaRegistry {
  const schemas: string[] = [];
  return {
    async idOf(_subject, schema) {
      const known = schemas.indexOf(schema);
      return known >= 0 ? known + 1 : schemas.push(schema);
    },
    schemaById: async (id) => schemas[id - 1],
  };
}
