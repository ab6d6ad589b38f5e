import type { Path } from '../sources/position.ts';

/**
 * The kind of message that a place belongs to: the outermost branch of a union that is a record.
 * Undefined for a place that all kinds share.
 */
export function messageAt(schemaText: string, path: Path): string | undefined {
  let value: unknown = JSON.parse(schemaText);
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    const isBranch = Array.isArray(value) && value.every((branch) => kindOf(branch) !== undefined);
    value = (value as Record<string | number, unknown>)[step];
    const name = kindOf(value);
    if (isBranch && name !== undefined) return name.slice(name.lastIndexOf('.') + 1);
  }
  return undefined;
}

/** The name of a record, or of a type that was defined before; only fields have a `type`. */
function kindOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, name } = value as { readonly type?: unknown; readonly name?: unknown };
  return type === 'record' && typeof name === 'string' ? name : undefined;
}
