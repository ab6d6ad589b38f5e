import { posix } from 'node:path';
import { parse } from 'yaml';
import type { Tree } from '../sources/tree.ts';

interface Modules {
  readonly modules: readonly string[];
  readonly imports: readonly string[];
  readonly remote: readonly string[];
}

const VENDORED = /(^|\/)(third[_-]?party|vendor(ed)?|external|deps)(\/|$)/i;

/** Modules as Buf's files say, else by the packages and imports of the `.proto` files. */
export function protobufModules(tree: Tree, paths: readonly string[]): Modules {
  const files = paths.filter((path) => path.endsWith('.proto'));
  const own = files.filter((path) => !VENDORED.test(path));
  const declared = bufModules(tree, paths);
  const isIn = (root: string) => (path: string) => root === '.' || path.startsWith(`${root}/`);
  const modules = declared.roots.filter((root) => own.some(isIn(root)));
  let rest = own.filter((path) => !modules.some((root) => isIn(root)(path)));
  while (rest.length > 0) {
    const root = mostCommon(rest.map((path) => rootOf(tree, path, files)));
    modules.push(root);
    rest = rest.filter((path) => !isIn(root)(path));
  }
  const vendored = files.filter((path) => VENDORED.test(path));
  const imports = new Set(vendored.map((path) => rootOf(tree, path, files)));
  return {
    modules: [...new Set(modules)].sort(),
    imports: [...imports].sort(),
    remote: declared.remote,
  };
}

function bufModules(
  tree: Tree,
  paths: readonly string[],
): { readonly roots: string[]; readonly remote: string[] } {
  const roots = new Set<string>();
  const remote = new Set<string>();
  for (const path of paths) {
    const name = posix.basename(path);
    if (!['buf.yaml', 'buf.work.yaml'].includes(name)) continue;
    const folder = posix.dirname(path);
    const { modules, directories, deps } = yamlOf(tree, path);
    for (const dep of listOf(deps)) remote.add(String(dep));
    const named = [
      ...listOf(directories),
      ...listOf(modules).map((it) => (it as { path?: unknown } | null)?.path ?? '.'),
    ].map((it) => posix.join(folder, String(it)));
    for (const root of named.length > 0 ? named : [folder]) roots.add(root);
  }
  // A workspace whose folders are modules is no module itself.
  const isParent = (root: string): boolean =>
    [...roots].some((other) => other !== root && (root === '.' || other.startsWith(`${root}/`)));
  return { roots: [...roots].filter((root) => !isParent(root)), remote: [...remote].sort() };
}

/** The folder that imports of a file are relative to. */
function rootOf(tree: Tree, path: string, files: readonly string[]): string {
  const text = tree.read(path) ?? '';
  const folder = posix.dirname(path);
  for (const match of text.matchAll(/^\s*import\s+(?:public\s+|weak\s+)?"([^"]+)"/gm)) {
    const target = files.find((file) => file === match[1] || file.endsWith(`/${match[1]}`));
    if (target === undefined || match[1] === undefined || VENDORED.test(target)) continue;
    const root = target.slice(0, -match[1].length).replace(/\/$/, '') || '.';
    if (root === '.' || folder === root || folder.startsWith(`${root}/`)) return root;
  }
  const parts = /^\s*package\s+([\w.]+)\s*;/m.exec(text)?.[1]?.split('.') ?? [];
  const asFolder = parts.join('/');
  if (folder === asFolder) return '.';
  return folder.endsWith(`/${asFolder}`) ? folder.slice(0, -asFolder.length - 1) : folder;
}

function mostCommon(values: readonly string[]): string {
  const groups = [...Map.groupBy(values, (value) => value)];
  return groups.toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? '.';
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** A YAML file of Buf; an empty object when it is none. */
function yamlOf(tree: Tree, path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = parse(tree.read(path) ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Buf reports what is wrong with its own file.
    return {};
  }
}
