import { ERRORS, REASONS } from '#contracts/spec/errors/registry.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Paths of all fields in a JSON value, whatever the values: `lines[].unitPrice.currency`. Items of
 * a list are one field, and so are a map's entries that are named by ids: `positions{}`.
 *
 * @param prefix which part of a message it is: `answer`, `request`
 */
export function fieldPaths(value: unknown, prefix = ''): Set<string> {
  const paths = new Set<string>();
  if (value !== undefined) collect(value, prefix, paths);
  return paths;
}

function collect(value: unknown, path: string, paths: Set<string>): void {
  if (Array.isArray(value)) {
    if (value.length === 0) paths.add(`${path}[]`);
    for (const item of value) collect(item, `${path}[]`, paths);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) collect(inner, below(path, name), paths);
  } else if (path !== '') {
    paths.add(path);
  }
}

const below = (path: string, name: string): string => {
  if (UUID.test(name)) return `${path}{}`;
  return path === '' ? name : `${path}.${name}`;
};

/**
 * Whether a path names a container of fields, judged by all paths of its message: `address`, which
 * was null once, when there is also `address.city`. Only the inner paths are counted.
 */
export function isContainer(path: string, all: ReadonlySet<string>): boolean {
  for (const other of all) {
    if (other.length <= path.length || !other.startsWith(path)) continue;
    if ('.[{'.includes(other[path.length] ?? '')) return true;
  }
  return false;
}

/** Codes of the error registry that fields named `reason` or `code` have, at any depth. */
export function codesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(codesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const isCode = typeof inner === 'string' && inner !== '' && CODE_FIELDS.has(name);
    return isCode ? [inner] : codesIn(inner);
  });
}

const CODE_FIELDS: ReadonlySet<string> = new Set(['reason', 'code']);

/** Every code that the registry has. */
export const REGISTERED_CODES: readonly string[] = [
  ...Object.keys(ERRORS),
  ...Object.keys(REASONS),
];
