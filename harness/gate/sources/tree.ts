import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
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
}

/** A folder on disk, seen as a version of the contracts. */
export function folderTree(root: string, label: string): Tree {
  return {
    label,
    root,
    read(path) {
      const file = join(root, path);
      return existsSync(file) && statSync(file).isFile() ? readFileSync(file, 'utf8') : undefined;
    },
    list(folder, ending) {
      const start = join(root, folder);
      if (!existsSync(start)) return [];
      return readdirSync(start, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .filter((path) => !path.includes('/node_modules/'))
        .sort();
    },
  };
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
