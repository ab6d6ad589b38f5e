/** C0, DEL and C1. No text of ours has lines, and Postgres cannot store NUL. */
const CONTROL_CHARACTER = /\p{Cc}/u;

export const hasControlCharacter = (text: string): boolean => CONTROL_CHARACTER.test(text);

/**
 * Finds the first text with a control character.
 *
 * @param value a decoded message: objects, lists and scalars; bytes are not text
 * @returns its path, such as `address.recipient` or `lines.0.sku`; undefined when there is none
 */
export function controlCharacterAt(value: unknown, path = ''): string | undefined {
  if (typeof value === 'string') return hasControlCharacter(value) ? path : undefined;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  for (const [name, part] of Object.entries(value)) {
    const found = controlCharacterAt(part, path === '' ? name : `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
