import avsc, { type Type } from 'avsc';

export type Decoded = { readonly value: unknown } | { readonly error: string };

/**
 * Reads bytes as Avro's specification resolves a reader's schema with a writer's.
 *
 * @param reader Its schema, as JSON text
 * @param writer Its schema, as JSON text
 * @param bytes The value, without the wire format's prefix
 */
export function decode(reader: string, writer: string, bytes: Buffer): Decoded {
  try {
    const readerType = typeOf(reader);
    const writerType = typeOf(writer);
    return { value: readerType.fromBuffer(bytes, readerType.createResolver(writerType)) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** Writes a value as {@link decode} gives it. Throws where the schema does not know it. */
export const encode = (schema: string, value: unknown): Buffer => typeOf(schema).toBuffer(value);

const types = new Map<string, Type>();

/** A schema is compiled once: thousands of messages share it. */
function typeOf(schema: string): Type {
  const known = types.get(schema);
  if (known !== undefined) return known;
  const type = avsc.Type.forSchema(JSON.parse(schema) as avsc.Schema, { wrapUnions: 'always' });
  types.set(schema, type);
  return type;
}
