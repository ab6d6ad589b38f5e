import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { OperationalError } from './errors.ts';
import type { SchemaRegistry } from './schema-registry.ts';

/** A registry whose schemas a test registers, as a deployment does for the real one. */
export interface TestRegistry extends SchemaRegistry {
  register(subject: string, schema: string): Promise<number>;
}

/**
 * A Schema Registry in memory; {@link registryContract} checks that it does what a real one does.
 *
 * @param options.registersAll a schema that is looked up counts as registered: for tests that are
 *   not about the registry
 */
export function memoryRegistry({ registersAll = true } = {}): TestRegistry {
  const schemas: string[] = [];
  const register = async (_subject: string, schema: string): Promise<number> => {
    const known = schemas.indexOf(schema);
    return known >= 0 ? known + 1 : schemas.push(schema);
  };
  return {
    register,
    async idOf(subject, schema) {
      if (registersAll || schemas.includes(schema)) return register(subject, schema);
      throw new OperationalError('unavailable', { detail: `${subject} is not registered` });
    },
    schemaById: async (id) => schemas[id - 1],
  };
}

/** What every registry does. */
export function registryContract(registryOf: () => TestRegistry): void {
  const schemaOf = (name: string) => JSON.stringify({ type: 'record', name, fields: [] });
  const fresh = () => `R${randomUUID().replaceAll('-', '')}`;

  it('finds the id of a registered schema, and the schema by its id', async () => {
    const registry = registryOf();
    const name = fresh();
    const id = await registry.register(`${name}-value`, schemaOf(name));
    expect(await registry.idOf(`${name}-value`, schemaOf(name))).toBe(id);
    expect(JSON.parse((await registry.schemaById(id)) ?? '')).toMatchObject({ name });
  });

  it('has another id for another schema', async () => {
    const registry = registryOf();
    const [one, two] = [fresh(), fresh()];
    const ids = [
      await registry.register(`${one}-value`, schemaOf(one)),
      await registry.register(`${two}-value`, schemaOf(two)),
    ];
    expect(new Set(ids).size).toBe(2);
  });

  it('is unavailable for a schema that is not registered, however often it is asked', async () => {
    const registry = registryOf();
    const name = fresh();
    const ask = () => registry.idOf(`${name}-value`, schemaOf(name));
    await expect(ask()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(ask()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('has no schema for an id that it never gave', async () => {
    expect(await registryOf().schemaById(2_000_000_000)).toBeUndefined();
  });
}
