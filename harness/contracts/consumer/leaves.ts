export type Path = ReadonlyArray<string | number>;

/** Paths of everything in a JSON value that has nothing below it. */
export function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [path];
  const entries: ReadonlyArray<readonly [string | number, unknown]> = Array.isArray(value)
    ? value.map((inner, index) => [index, inner] as const)
    : Object.entries(value);
  return entries.flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}

export const textOfPath = (path: Path): string => path.join('.');

/** What is at a path. */
export function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<string | number, unknown>)[key],
    value,
  );
}

/** The value without what is at the path. */
export function without<T>(value: T, path: Path): T {
  return changed(value, path, (parent, key) => {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
  });
}

/** The value with something else at the path. */
export function replacedAt<T>(value: T, path: Path, other: unknown): T {
  return changed(value, path, (parent, key) => {
    parent[key] = other;
  });
}

type Parent = Record<string | number, unknown>;

function changed<T>(
  value: T,
  path: Path,
  change: (parent: Parent, key: string | number) => void,
): T {
  const copy = structuredClone(value);
  const last = path.at(-1);
  if (last !== undefined) change(at(copy, path.slice(0, -1)) as Parent, last);
  return copy;
}

/** Deep merge in which the contract's value wins; list items merge where both have them. */
export function merged(unread: unknown, promised: unknown): Readonly<Record<string, unknown>> {
  return mergedValue(unread, promised) as Readonly<Record<string, unknown>>;
}

function mergedValue(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (Array.isArray(base) && Array.isArray(over)) {
    return over.map((item, index) => mergedValue(base[index], item));
  }
  if (!isObject(base) || !isObject(over)) return over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, mergedValue(base[key], over[key])]));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
