import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProtobufModule } from '../config.ts';
import type { Tree } from '../sources/tree.ts';
import { withoutCustomOptions } from './custom-options.ts';

/** Folders of a workspace: what is compared, and what it imports. */
const OWN = 'module';
const IMPORTED = 'imports';
const STUBS = 'sagaproof_stubs';
/** Buf has these built in. */
const BUILT_IN = 'google/protobuf/';
const IMPORT = /^(?<start>\s*import\s+(?:public\s+|weak\s+)?)"(?<name>[^"]+)"\s*;/gm;

/** A module with its imports, in a folder that Buf compiles without a network. */
export interface Workspace extends Disposable {
  readonly folder: string;
  /** Import names of the module's own files. */
  readonly files: ReadonlySet<string>;
  readonly modules: readonly string[];
  /** Imports that no file of the repository provides. */
  readonly missing: readonly string[];
  /** Types of missing imports that the module uses. */
  readonly unknownTypes: ReadonlySet<string>;
  /** Declares a type of a missing import without its fields; false when there is none. */
  declare(typeName: string): boolean;
  /** The path in the repository of a file that Buf names. */
  pathOf(reported: string): string;
}

/**
 * Writes a module with what it imports: from other modules of the settings, from vendored folders,
 * or from wherever the repository has a file of that name. Custom options of imports that are
 * missing are left out.
 */
export function workspaceOf(
  tree: Tree,
  module: ProtobufModule,
  others: readonly ProtobufModule[],
): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'sagaproof-proto-'));
  const own = filesOf(tree, module.module);
  const roots = [...module.imports, ...others.map((other) => other.module)];
  const offered = new Map(roots.flatMap((root) => [...filesOf(tree, root)]));
  const everywhere = tree.list('', '.proto');
  const find = (name: string): string | undefined =>
    offered.get(name) ?? everywhere.find((path) => path === name || path.endsWith(`/${name}`));
  const missing = new Set<string>();
  const imported = new Set<string>();
  const incomplete: Array<{ file: string; text: string; absent: string[] }> = [];
  const unknownTypes = new Set<string>();
  const write = (name: string, path: string, part: string): void => {
    const text = tree.read(path) ?? '';
    const names = [...text.matchAll(IMPORT)].map((match) => match.groups?.['name'] ?? '');
    const absent = names.filter((it) => !isKnown(it));
    for (const it of absent) missing.add(it);
    const file = join(folder, part, name);
    mkdirSync(dirname(file), { recursive: true });
    if (absent.length > 0) incomplete.push({ file, text, absent });
    writeFileSync(file, absent.length === 0 ? text : withoutImports(text, absent, []));
    for (const it of names) {
      const source = own.has(it) || imported.has(it) ? undefined : find(it);
      if (source === undefined || it.startsWith(BUILT_IN)) continue;
      imported.add(it);
      write(it, source, IMPORTED);
    }
  };
  const isKnown = (name: string): boolean =>
    own.has(name) || name.startsWith(BUILT_IN) || find(name) !== undefined;
  for (const [name, path] of own) write(name, path, OWN);
  return {
    folder,
    files: new Set(own.keys()),
    get modules() {
      return imported.size === 0 && unknownTypes.size === 0 ? [OWN] : [OWN, IMPORTED];
    },
    missing: [...missing].sort(),
    unknownTypes,
    declare(typeName) {
      if (incomplete.length === 0 || unknownTypes.has(typeName)) return false;
      unknownTypes.add(typeName);
      const stubs = writeStubs(join(folder, IMPORTED), unknownTypes);
      for (const { file, text, absent } of incomplete) {
        writeFileSync(file, withoutImports(text, absent, stubs));
      }
      return true;
    },
    pathOf: (reported) => {
      const at = reported.lastIndexOf(`/${OWN}/`);
      if (at < 0) return module.module;
      const name = reported.slice(at + OWN.length + 2);
      return own.get(name) ?? join(module.module, name);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Files below a folder: their paths by the names under which others import them. */
function filesOf(tree: Tree, root: string): Map<string, string> {
  const prefix = root === '.' || root === '' ? '' : `${root.replace(/\/+$/, '')}/`;
  return new Map(
    tree.list(prefix === '' ? '' : root, '.proto').map((path) => [path.slice(prefix.length), path]),
  );
}

/** One file per package; returns their import names. */
function writeStubs(folder: string, typeNames: ReadonlySet<string>): string[] {
  const byPackage = Map.groupBy(typeNames, (name) => name.slice(0, name.lastIndexOf('.')));
  return [...byPackage].map(([name, types]) => {
    const messages = types.map((type) => `message ${type.slice(type.lastIndexOf('.') + 1)} {}`);
    const file = `${STUBS}/${name === '' ? 'none' : name}.proto`;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    const heading = name === '' ? '' : `package ${name};\n`;
    writeFileSync(join(folder, file), `syntax = "proto3";\n${heading}${messages.join('\n')}\n`);
    return file;
  });
}

/** Replaces the first missing import by the stubs, on its line. */
function withoutImports(text: string, absent: readonly string[], stubs: readonly string[]): string {
  let isFirst = true;
  const rest = text.replaceAll(IMPORT, (statement, _, name: string) => {
    if (!absent.includes(name)) return statement;
    const instead = isFirst ? stubs.map((stub) => `import "${stub}";`).join(' ') : '';
    isFirst = false;
    return statement.replace(/\S.*/, instead);
  });
  return withoutCustomOptions(rest);
}
