import type { Structure } from './source-structure.ts';

/**
 * The folders of the harness, `chaos/` and `load/`, bottom up: a folder imports only folders
 * before it.
 * The order is the architecture (docs/ARCHITECTURE.md); the rule has no exceptions.
 */
export const LAYERS = [
  ...['kernel', 'terminal'],
  ...['history', 'documents', 'clients'],
  'provision',
  ...['links', 'testbed'],
  ...['chaos/faults', 'chaos/wire'],
  'witnesses',
  'scenario',
  ...['checker', 'invariants'],
  ...['pacts', 'coverage', 'contracts', 'conformance', 'gate'],
  'report',
  'runner',
  'chaos/matrix',
  ...['load/model', 'load/engine'],
  'eyes',
  'cli',
  'deployment',
  ...['dev', 'package'],
] as const;

/** A program of its own, with no import from or to the rest. */
const APART = 'eventstore';

/** Test code may reach anywhere; the rules are about what is shipped. */
const TEST_CODE = /\.(test|testkit)\.ts$|\/(testing|fixtures)\//;
const GENERATED = /\.generated\.ts$/;

export const isShipped = (path: string): boolean => !TEST_CODE.test(path);

/** Folders whose own folders are layers. */
const TOPS: ReadonlySet<string> = new Set(['chaos', 'load']);
/** Scripts of k6: nothing of ours imports them. */
const PLAYED_BY_OTHERS: ReadonlySet<string> = new Set(['load/k6', 'load/xk6-sagaproof']);

const folderOf = (path: string): string | undefined => {
  const [top, folder, file] = path.split('/');
  if (file === undefined) return undefined;
  if (top === 'harness') return folder;
  return TOPS.has(top ?? '') && !PLAYED_BY_OTHERS.has(`${top}/${folder}`)
    ? `${top}/${folder}`
    : undefined;
};

const nameOf = (folder: string): string => (folder.includes('/') ? folder : `harness/${folder}`);

const rankOf = (folder: string): number => (LAYERS as readonly string[]).indexOf(folder);

/** Imports of a higher layer, and folders that have no layer. */
export function layerViolations(structures: readonly Structure[]): string[] {
  return structures.filter(({ path }) => isShipped(path)).flatMap(violationsOf);
}

function violationsOf({ path, imports }: Structure): string[] {
  const folder = folderOf(path);
  if (folder === undefined) return [];
  if (rankOf(folder) === -1 && folder !== APART) {
    return [`${path}: ${nameOf(folder)} has no layer; add it to LAYERS in harness/dev/layers.ts`];
  }
  return imports.flatMap(({ target }) => {
    const other = folderOf(target);
    if (other === undefined || other === folder) return [];
    const isApart = folder === APART || other === APART;
    if (!isApart && rankOf(other) < rankOf(folder)) return [];
    return [`${path} must not import ${target}: ${nameOf(other)} is not below ${nameOf(folder)}`];
  });
}

/**
 * Cycles of imports that load code: each as its files, sorted. Type imports are erased and lazy
 * imports run later; neither can leave a module half loaded. (Tarjan 1972, strongly connected
 * components.)
 */
export function importCycles(structures: readonly Structure[]): string[][] {
  const graph = new Map(
    structures.map(({ path, imports }) => [
      path,
      imports.filter(({ typeOnly, lazy }) => !typeOnly && !lazy).map(({ target }) => target),
    ]),
  );
  const search = { order: new Map<string, number>(), low: new Map<string, number>() };
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (file: string): number => {
    const known = search.order.get(file);
    if (known !== undefined) return stack.includes(file) ? known : Number.POSITIVE_INFINITY;
    const own = search.order.size;
    search.order.set(file, own);
    stack.push(file);
    let low = own;
    for (const target of graph.get(file) ?? []) {
      if (graph.has(target)) low = Math.min(low, search.low.get(target) ?? visit(target));
    }
    if (low === own) {
      const members = stack.splice(stack.indexOf(file));
      if (members.length > 1) cycles.push(members.sort());
      for (const member of members) search.low.set(member, Number.POSITIVE_INFINITY);
    }
    return low;
  };
  for (const file of graph.keys()) visit(file);
  return cycles;
}

const FUNCTION_LINES_MAX = 70;
const CLASS_LINES_MAX = 150;

/** Functions and classes that are too long, as `path#name`, with their lines. */
export function tooLong(structures: readonly Structure[]): Record<string, number> {
  const long: Record<string, number> = {};
  const written = structures.filter(({ path }) => isShipped(path) && !GENERATED.test(path));
  for (const { path, units } of written) {
    for (const { kind, name, lines } of units) {
      if (lines > (kind === 'class' ? CLASS_LINES_MAX : FUNCTION_LINES_MAX)) {
        long[`${path}#${name}`] = lines;
      }
    }
  }
  return long;
}

/**
 * Differences between what is too long and the list of exceptions, which may only shrink: an entry
 * that grew or is no longer needed is a difference, too.
 */
export function lengthFaults(
  found: Readonly<Record<string, number>>,
  exceptions: Readonly<Record<string, number>>,
): string[] {
  const grown = Object.entries(found)
    .filter(([unit, lines]) => lines > (exceptions[unit] ?? 0))
    .map(([unit, lines]) => `${unit}: ${lines} lines, ${exceptions[unit] ?? 'too many'} allowed`);
  const stale = Object.entries(exceptions)
    .filter(([unit, lines]) => (found[unit] ?? 0) < lines)
    .map(([unit]) => `${unit}: the exception is wider than needed; narrow or remove it`);
  return [...grown, ...stale];
}
