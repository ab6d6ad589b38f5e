import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { SchemaRegistry } from './schema-registry.ts';

/** A Schema Registry in memory; {@link registryContract} holds it to what a real one does. */
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

/** What every registry does. */
export function registryContract(registryOf: () => SchemaRegistry): void {
  const schemaOf = (name: string) => JSON.stringify({ type: 'record', name, fields: [] });
  const fresh = () => `R${randomUUID().replaceAll('-', '')}`;

  it('registers a schema once, and gives it back by its id', async () => {
    const registry = registryOf();
    const name = fresh();
    const id = await registry.idOf(`${name}-value`, schemaOf(name));
    expect(await registry.idOf(`${name}-value`, schemaOf(name))).toBe(id);
    expect(JSON.parse((await registry.schemaById(id)) ?? '')).toMatchObject({ name });
  });

  it('has another id for another schema', async () => {
    const registry = registryOf();
    const [one, two] = [fresh(), fresh()];
    const ids = [
      await registry.idOf(`${one}-value`, schemaOf(one)),
      await registry.idOf(`${two}-value`, schemaOf(two)),
    ];
    expect(new Set(ids).size).toBe(2);
  });

  it('has no schema for an id that it never gave', async () => {
    expect(await registryOf().schemaById(2_000_000_000)).toBeUndefined();
  });
}
