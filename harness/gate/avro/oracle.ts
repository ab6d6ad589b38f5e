import avsc, { type Type } from 'avsc';
import type { Names } from './resolution.ts';

/**
 * A second check: the resolver of another implementation.
 *
 * @param names it always compares full names; `unqualified` takes the namespaces away before
 */
export function avscReads(
  readerText: string,
  writerText: string,
  names: Names = 'unqualified',
): boolean {
  if (resolves(readerText, writerText)) return true;
  if (names === 'full') return false;
  const [reader, writer] = [unqualified(readerText), unqualified(writerText)];
  return reader !== undefined && writer !== undefined && resolves(reader, writer);
}

function resolves(readerText: string, writerText: string): boolean {
  const reader = typeOf(readerText);
  const writer = typeOf(writerText);
  try {
    reader.createResolver(writer);
    return true;
  } catch {
    return false;
  }
}

// Unions of numbers are ambiguous in JavaScript unless their values are wrapped.
const typeOf = (text: string): Type =>
  avsc.Type.forSchema(JSON.parse(text), { wrapUnions: 'always' });

/** Why the library refuses a schema; undefined when it accepts it. */
export function avscRefusal(text: string): string | undefined {
  try {
    typeOf(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A schema without namespaces; undefined when two of its types then have one name. */
export function unqualified(text: string): string | undefined {
  const names = new Map<string, string>();
  let isClear = true;
  const simple = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
  const strip = (part: unknown, outer: string): unknown => {
    if (typeof part === 'string') return simple(part);
    if (Array.isArray(part)) return part.map((item) => strip(item, outer));
    if (typeof part !== 'object' || part === null) return part;
    const { namespace, ...json } = part as Record<string, unknown>;
    let inner = outer;
    if (typeof json['name'] === 'string' && typeof json['type'] === 'string') {
      inner = typeof namespace === 'string' ? namespace : outer;
      const full = json['name'].includes('.') ? json['name'] : `${inner}.${json['name']}`;
      const known = names.get(simple(full)) ?? full;
      isClear &&= known === full;
      names.set(simple(full), full);
      inner = full.slice(0, full.lastIndexOf('.'));
    }
    const aliases = Array.isArray(json['aliases']) ? json['aliases'] : [];
    return {
      ...json,
      ...(typeof json['name'] === 'string' && { name: simple(json['name']) }),
      ...(aliases.length > 0 && { aliases: [...new Set(aliases.map(String).map(simple))] }),
      ...('type' in json && { type: strip(json['type'], inner) }),
      ...('items' in json && { items: strip(json['items'], inner) }),
      ...('values' in json && { values: strip(json['values'], inner) }),
      ...(Array.isArray(json['fields']) && {
        fields: (json['fields'] as Array<Record<string, unknown>>).map((field) => ({
          ...field,
          type: strip(field['type'], inner),
        })),
      }),
    };
  };
  const stripped = JSON.stringify(strip(JSON.parse(text), ''));
  return isClear ? stripped : undefined;
}
