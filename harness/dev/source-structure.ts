import { posix } from 'node:path';
import { parseSync, Visitor } from 'rolldown/utils';
import type { SourceFile } from './tidy.ts';

/** One import of a file of this repository. */
export interface Import {
  readonly target: string;
  /** Erased when types are stripped: it loads nothing. */
  readonly typeOnly: boolean;
  /** `import()` inside code: it loads later, so it closes no cycle. */
  readonly lazy: boolean;
}

/** A function or class, with its length in lines. */
export interface Unit {
  readonly kind: 'function' | 'class';
  readonly name: string;
  readonly lines: number;
}

/** What the rules need to know about one file. */
export interface Structure {
  readonly path: string;
  readonly imports: readonly Import[];
  readonly units: readonly Unit[];
}

/** The `imports` map of package.json, as folders from the root. */
const ALIASES: Readonly<Record<string, string>> = {
  '#proto/': 'proto/gen/',
  '#avro/': 'avro/',
  '#contracts/': 'contracts/',
  '#kit/': 'reference-services/kit/',
  '#harness/': 'harness/',
};

/** @returns the path from the root, or undefined for a package */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.normalize(posix.join(posix.dirname(from), specifier));
  const alias = Object.keys(ALIASES).find((prefix) => specifier.startsWith(prefix));
  return alias === undefined ? undefined : ALIASES[alias] + specifier.slice(alias.length);
}

/**
 * Parses one TypeScript file.
 *
 * @throws when the file is not valid TypeScript
 */
export function structureOf({ path, text }: SourceFile): Structure {
  const { program, errors } = parseSync(path, text, { astType: 'ts' });
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  const imports: Import[] = [];
  const units: Unit[] = [];
  const lineAt = lineCounter(text);
  const add = (specifier: string, typeOnly: boolean, lazy: boolean): void => {
    const target = resolveImport(path, specifier);
    if (target !== undefined) imports.push({ target, typeOnly, lazy });
  };
  const measure = (kind: Unit['kind'], name: string, node: { start: number; end: number }) =>
    units.push({ kind, name, lines: lineAt(node.end) - lineAt(node.start) + 1 });
  new Visitor({
    ImportDeclaration: (node) => {
      const named = node.specifiers.filter((specifier) => specifier.type === 'ImportSpecifier');
      const erased =
        node.specifiers.length > 0 &&
        named.length === node.specifiers.length &&
        named.every(({ importKind }) => importKind === 'type');
      add(node.source.value, node.importKind === 'type' || erased, false);
    },
    ExportNamedDeclaration: (node) => {
      if (node.source) add(node.source.value, node.exportKind === 'type', false);
    },
    ExportAllDeclaration: (node) => add(node.source.value, node.exportKind === 'type', false),
    ImportExpression: (node) => {
      const { source } = node;
      if (source.type === 'Literal' && typeof source.value === 'string') {
        add(source.value, false, true);
      }
    },
    FunctionDeclaration: (node) => measure('function', node.id?.name ?? 'default', node),
    VariableDeclarator: ({ id, init }) => {
      const named = init?.type === 'ArrowFunctionExpression' || init?.type === 'FunctionExpression';
      if (named) measure('function', id.type === 'Identifier' ? id.name : 'anonymous', init);
    },
    MethodDefinition: ({ key, value }) =>
      measure('function', 'name' in key ? String(key.name) : 'computed', value),
    ClassDeclaration: (node) => measure('class', node.id?.name ?? 'default', node),
  }).visit(program);
  return { path, imports, units };
}

function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    return low;
  };
}
