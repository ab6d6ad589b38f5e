import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { z } from 'zod';
import { SagaproofError } from '../../kernel/errors.ts';
import { packageAsset } from '../../kernel/package-assets.ts';
import { readRegularFile } from '../../kernel/regular-file.ts';
import { result, resultJson } from '../../terminal/output.ts';

/** The example that is copied; its files have no type annotations, so they are JavaScript too. */
const EXAMPLE = 'examples/own-repository';
const CONFIG = 'sagaproof.config';
const MODULES = [
  CONFIG,
  'sagaproof/scenarios/order-is-approved',
  'sagaproof/invariants/requests-answered-in-time',
] as const;

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'] as const;
type Extension = (typeof EXTENSIONS)[number];

const IGNORE_FILE = '.gitignore';
const RUNS_IGNORED = /^\/?runs\/?$/m;

const Description = z.looseObject({
  type: z.string().optional(),
  dependencies: z.record(z.string(), z.unknown()).default({}),
  devDependencies: z.record(z.string(), z.unknown()).default({}),
});
type Description = z.infer<typeof Description>;

/** What `sagaproof init` did; the document that `--json` prints. */
export interface InitResult {
  readonly folder: string;
  readonly written: readonly string[];
  /** Files that existed; they are never changed. */
  readonly kept: readonly string[];
  readonly next: readonly string[];
}

/** `sagaproof init`: writes a configuration, a scenario and an invariant to start from. */
export function init(options: { readonly json?: boolean }): void {
  const done = initFolder(process.cwd());
  if (options.json) resultJson(done);
  else result(render(done));
}

/**
 * Writes what a folder lacks and changes nothing that it has.
 *
 * @param folder the root of the user's repository
 */
export function initFolder(folder: string): InitResult {
  const description = readDescription(join(folder, 'package.json'));
  const extension = extensionFor(folder, description);
  const written: string[] = [];
  const kept: string[] = [];
  for (const module of MODULES) {
    const existing = EXTENSIONS.map((one) => module + one).find((path) =>
      existsSync(join(folder, path)),
    );
    if (existing === undefined) {
      const text = readFileSync(packageAsset(`${EXAMPLE}/${module}.ts`), 'utf8');
      writeNew(join(folder, module + extension), text);
      written.push(module + extension);
    } else kept.push(existing);
  }
  const next = nextSteps(folder, description);
  if (existsSync(join(folder, IGNORE_FILE))) kept.push(IGNORE_FILE);
  else {
    writeNew(join(folder, IGNORE_FILE), 'node_modules/\nruns/\n');
    written.push(IGNORE_FILE);
  }
  return { folder, written, kept, next };
}

/** `wx`: a file that appears meanwhile is not overwritten either. */
function writeNew(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { flag: 'wx' });
}

function readDescription(file: string): Description {
  if (!existsSync(file)) return Description.parse({});
  let value: unknown;
  try {
    value = JSON.parse(readRegularFile(file).toString('utf8'));
  } catch (cause) {
    throw unusable(file, (cause as Error).message);
  }
  const parsed = Description.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unusable(file, [...(issue?.path ?? []), issue?.message].join(': '));
}

const unusable = (file: string, reason: string) =>
  new SagaproofError('file-unreadable', `${file} is not a valid package.json: ${reason}`, {
    file,
    fix: 'correct the file, then run sagaproof init again',
  });

/**
 * Node reads `.ts` and `.js` as modules where package.json says `"type": "module"`; elsewhere
 * modules need `.mts` or `.mjs`.
 */
function extensionFor(folder: string, description: Description): Extension {
  const isModule = description.type === 'module';
  if (isJavaScript(folder, description)) return isModule ? '.js' : '.mjs';
  return isModule ? '.ts' : '.mts';
}

/** A repository with sources, none of them for TypeScript. An empty folder gets TypeScript. */
function isJavaScript(folder: string, { dependencies, devDependencies }: Description): boolean {
  if (existsSync(join(folder, 'tsconfig.json'))) return false;
  if ('typescript' in dependencies || 'typescript' in devDependencies) return false;
  const sources = ['.', 'src', 'lib'].flatMap((name) => {
    const path = join(folder, name);
    return existsSync(path) ? readdirSync(path).map((file) => extname(file)) : [];
  });
  return sources.some((one) => /^\.[cm]?js$/.test(one)) && !sources.some((one) => one === '.ts');
}

function nextSteps(folder: string, description: Description): string[] {
  const steps = ['npx sagaproof scenario order-is-approved', 'npx sagaproof verify'];
  const { dependencies, devDependencies } = description;
  if (!('sagaproof' in dependencies || 'sagaproof' in devDependencies)) {
    steps.unshift('npm i -D sagaproof');
  }
  const file = join(folder, IGNORE_FILE);
  const ignored = !existsSync(file) || RUNS_IGNORED.test(readFileSync(file, 'utf8'));
  return ignored ? steps : [`add runs/ to ${IGNORE_FILE}`, ...steps];
}

function render({ folder, written, kept, next }: InitResult): string {
  const where = relative(process.cwd(), folder) || 'this folder';
  return [
    ...written.map((path) => `wrote  ${path}`),
    ...kept.map((path) => `kept   ${path} (it exists)`),
    `Next, in ${where}:`,
    ...next.map((step) => `  ${step}`),
  ].join('\n');
}
