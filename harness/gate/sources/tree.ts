import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The files of one version of the contracts, from any source. */
export interface Tree {
  /** Its name in the answer: `main (4f2a91c)`, `the working tree`. */
  readonly label: string;
  /** Absolute folder that holds the files. */
  readonly root: string;
  /** Text of a file, by its path from the root with slashes; undefined when it is not there. */
  read(path: string): string | undefined;
  /** Paths below a folder, sorted, with this ending. */
  list(folder: string, ending: string): string[];
  /** What has no content here, in or around a path. */
  hidden?(path: string): readonly Hidden[];
}

/** A submodule that is not fetched, or a link to elsewhere. */
export interface Hidden {
  /** The same in two versions: the content is the same as well. */
  readonly id: string;
  readonly reason: string;
}

/** Folders that hold no contracts. */
const SKIPPED = new Set(['.git', 'node_modules']);
const LINKS_MAX = 8;

/**
 * A folder on disk, seen as a version of the contracts. Links inside of it are followed.
 *
 * @param hidden by path, what has no content here
 */
export function folderTree(
  root: string,
  label: string,
  hidden: ReadonlyMap<string, Hidden> = new Map(),
): Tree {
  const listed = new Map<string, readonly string[]>();
  const below = (folder: string): readonly string[] => {
    const known = listed.get(folder);
    if (known !== undefined) return known;
    const found = filesBelow(join(root, folder), root).sort();
    listed.set(folder, found);
    return found;
  };
  return {
    label,
    root,
    read(path) {
      const file = join(root, path);
      return existsSync(file) && statSync(file).isFile() ? readFileSync(file, 'utf8') : undefined;
    },
    list: (folder, ending) => below(folder).filter((path) => path.endsWith(ending)),
    hidden: (path) =>
      [...hidden]
        .filter(([place]) => {
          const isInside = path === place || path.startsWith(`${place}/`);
          return isInside || path === '' || path === '.' || place.startsWith(`${path}/`);
        })
        .map(([, found]) => found),
  };
}

function filesBelow(start: string, root: string, links: readonly string[] = []): string[] {
  if (!existsSync(start) || !statSync(start).isDirectory()) return [];
  return readdirSync(start, { withFileTypes: true }).flatMap((entry) => {
    const path = join(start, entry.name);
    if (SKIPPED.has(entry.name)) return [];
    const name = relative(root, path).split(sep).join('/');
    if (entry.isFile()) return [name];
    if (entry.isDirectory()) return filesBelow(path, root, links);
    if (!entry.isSymbolicLink() || !existsSync(path)) return [];
    if (statSync(path).isFile()) return [name];
    const target = realpathSync(path);
    // A link to a folder around itself has no end.
    if (links.includes(target) || links.length >= LINKS_MAX) return [];
    return filesBelow(path, root, [...links, target]);
  });
}

/** True when both trees have the same files with the same text there. */
export function sameFiles(a: Tree, b: Tree, folder: string, ending: string): boolean {
  const paths = a.list(folder, ending);
  const others = b.list(folder, ending);
  return (
    paths.length === others.length &&
    paths.every((path, index) => others[index] === path && a.read(path) === b.read(path))
  );
}
