import { basename } from 'node:path';
import { SERVICES } from '../kernel/address-book.ts';

/** One text file of the repository, by its path from the root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const LINES_MAX = 300;
const COLUMNS_MAX = 100;

/** Files that may be longer, each with its reason. */
const LONGER: Readonly<Record<string, string>> = {
  'contracts/spec/openapi.yaml': 'one document, as its readers expect it',
  'contracts/spec/asyncapi.yaml': 'one document, as its readers expect it',
  'compose/compose.yaml': 'generated',
  'harness/provision/python/mongodb.txt': 'a lock file, written by uv',
  'harness/provision/python/schemathesis.txt': 'a lock file, written by uv',
};

/** Written by a tool, or not code. */
const GENERATED = /(\.generated\.ts|\.schema\.json|\.jsonl|\.md|\.sum|\.json|\.avsc)$/;
const KEBAB = /^[a-z0-9]+([.-][a-z0-9]+)*\.[a-z]+$/;
const OFF = /\b(it|test|describe|suite)\.(skip|todo|only)\b|retry: *[1-9]/;
const MACHINE_PATH = /(['"\s(])\/(work|root|farm)\//;
const CLOCK_WAIT = /\bawait\s+(sleep|delay|setTimeout|pause)\(\s*\d{3,}/;

/** What is wrong with one file by itself. */
export function fileFaults({ path, text }: SourceFile): string[] {
  const faults: string[] = [];
  const lines = text.split('\n');
  const isTest = /\.test\.ts$/.test(path);
  const written = !GENERATED.test(path) && !/\/(?:fixtures|gen|snapshots)\//.test(path);
  if (path.endsWith('.ts') && !KEBAB.test(basename(path))) faults.push(`${path}: not kebab-case`);
  if (written && lines.length - 1 > LINES_MAX && !(path in LONGER)) {
    faults.push(`${path}: ${lines.length - 1} lines, ${LINES_MAX} are allowed`);
  }
  for (const [index, line] of lines.entries()) {
    const where = `${path}:${index + 1}`;
    if (written && path.endsWith('.ts') && line.length > COLUMNS_MAX && !isUnbreakable(line)) {
      faults.push(`${where}: ${line.length} columns`);
    }
    if (isTest && OFF.test(line)) faults.push(`${where}: a test that is switched off or retried`);
    if (MACHINE_PATH.test(line)) faults.push(`${where}: a path of one machine`);
    if (isTest && CLOCK_WAIT.test(line)) faults.push(`${where}: waits by the clock`);
  }
  return faults;
}

/** What the formatter cannot break either: a text, a pattern, an address. Comments can be. */
const isUnbreakable = (line: string): boolean =>
  /https?:/.test(line) || (!/^\s*(\/\/|\/?\*)/.test(line) && /['"`]|\/.+\//.test(line));

const IMPORT = /(?:from|import)\s*\(?\s*'([^']+)'/g;
const ORACLE =
  /^(scenarios|chaos|load|harness\/(coverage|invariants|checker|history|witnesses|clients|scenario|report|runner))\//;

/** Imports that the architecture forbids (docs/ARCHITECTURE.md). */
export function brokenImports({ path, text }: SourceFile): string[] {
  const specifiers = [...text.matchAll(IMPORT)].map((match) => match[1] ?? '');
  return specifiers
    .filter((specifier) => isForbidden(path, specifier))
    .map((specifier) => `${path} must not import ${specifier}`);
}

function isForbidden(path: string, specifier: string): boolean {
  const toService = /reference-services\/|^#kit\//.test(specifier);
  if (ORACLE.test(path)) return toService;
  // A consumer's contract is written with that consumer's own code, and verified by the harness.
  if (/^contracts\/.+\.(contract\.test|testkit)\.ts$/.test(path)) return false;
  if (/^(proto|avro|contracts)\//.test(path)) {
    return toService || specifier.startsWith('#harness/') || specifier.includes('/harness/');
  }
  const room = /^reference-services\/([^/]+)\//.exec(path)?.[1];
  if (room === undefined) return false;
  const sideways = /^(?:\.\.\/)+([a-z-]+)\//.exec(specifier)?.[1];
  const others = sideways !== undefined && SERVICE_FOLDERS.has(sideways) && sideways !== room;
  const harness = specifier.startsWith('#harness/') || specifier.includes('/harness/');
  return others || (harness && !/\.(test|testkit)\.ts$/.test(path));
}

const SERVICE_FOLDERS: ReadonlySet<string> = new Set(SERVICES);

/** Rooms of a service (house style, rule 4); `domain-*.ts` and the like by ADR 0005. */
const ROOM =
  /^((domain|app|server)(-[a-z-]+)?|ports|main|domain\.testing)\.ts$|^README\.md$|^sagaproof\.service\.yaml$|\.test(kit)?\.ts$|^(adapters|migrations|testing)\//;

/** Files of services in rooms that do not exist. */
export function roomFaults(paths: readonly string[]): string[] {
  return paths.filter((path) => {
    const match = /^reference-services\/([^/]+)\/(.+)$/.exec(path);
    if (match === null || !SERVICE_FOLDERS.has(match[1] ?? '')) return false;
    return !ROOM.test(match[2] ?? '');
  });
}

/** A module of scenarios/: one scenario each. */
export const isScenario = (path: string): boolean => /^scenarios\/[^/]+\.ts$/.test(path);

/** What a scenario file lacks, or must not have. */
export function scenarioFaults({ path, text }: SourceFile): string[] {
  const name = basename(path).replace(/\.ts$/, '');
  const faults = ['Claims:', 'Checks:', 'Could be fooled:']
    .filter((part) => !text.includes(part))
    .map((part) => `${path}: does not say “${part}”`);
  if (!text.includes('export default defineScenario({')) {
    faults.push(`${path}: does not export default defineScenario({ … })`);
  }
  if (!text.includes(`name: '${name}'`)) faults.push(`${path}: its scenario is not named ${name}`);
  const runner = [...text.matchAll(IMPORT)].find(([, from = '']) => TEST_RUNNER.test(from));
  if (runner !== undefined) faults.push(`${path}: imports a test runner (${runner[1]})`);
  return faults;
}

const TEST_RUNNER = /^(vitest|node:test|mocha|jest|@jest\/globals)(\/|$)/;

/** Vitest exits 0 when one of several projects matches no file: each kind has a floor. */
const FLOORS: Readonly<Record<string, number>> = {
  unit: 30,
  component: 8,
  contract: 1,
  scenario: 1,
};

/** Kinds of tests with fewer files than their floor. */
export function floorsMissed(paths: readonly string[]): string[] {
  return Object.entries(FLOORS).flatMap(([kind, floor]) => {
    const found = paths.filter((path) => path.endsWith(`.${kind}.test.ts`)).length;
    return found < floor ? [`${kind}: ${found} test files, ${floor} are the floor`] : [];
  });
}
