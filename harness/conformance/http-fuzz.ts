import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';
import type { ServiceName } from '../kernel/address-book.ts';
import { type HttpFuzzer, provisionHttpFuzzer } from '../provision/http-fuzzer.ts';
import { FUZZ_CHECKS, type OpenapiPaths, readFuzzReport } from './http-report.ts';
import type { ConformanceResult } from './result.ts';

const DOCUMENT = fileURLToPath(new URL('../../contracts/spec/openapi.yaml', import.meta.url));
/** Generated cases for each operation and phase; a fixed budget, so that a seed means one run. */
const EXAMPLES_MAX = 10;
/** The reference gateway needs 17 s on a quiet machine. */
const FUZZ_TIMEOUT_MS = 480_000;
const REQUEST_TIMEOUT_SECONDS = 10;
/** How much of what the fuzzer said is shown when it gave no report. */
const TAIL_CHARS = 600;
/** The variable that the fuzzer takes the token from: other users can read arguments. */
const TOKEN_VARIABLE = 'SAGAPROOF_FUZZ_TOKEN';

export interface HttpFuzzOptions {
  readonly service: ServiceName;
  /** `http://host:port` of any implementation of the document. */
  readonly baseUrl: string;
  /** A valid access token; the document's operations are called with it. */
  readonly token: string;
  readonly seed: string;
  /** An OpenAPI document; the public API's where absent. */
  readonly document?: string;
  /** Values of path parameters, by name, of things that exist: without them all would be 404. */
  readonly existing?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
}

/**
 * Calls every operation of an OpenAPI document with what it allows and what it does not, and looks
 * whether every answer is one that the document has. The seed decides what is sent.
 *
 * @returns one result for each operation and check; never none
 */
export async function runHttpFuzz(options: HttpFuzzOptions): Promise<readonly ConformanceResult[]> {
  const { signal, onLine } = options;
  const fuzzer = await provisionHttpFuzzer({
    ...(signal === undefined ? {} : { signal }),
    onEvent: (event) => {
      if (event.kind === 'started') onLine?.('Schemathesis is installed; this happens once');
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'sagaproof-fuzz-'));
  try {
    return await fuzzIn(folder, fuzzer, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fuzzIn(
  folder: string,
  fuzzer: HttpFuzzer,
  options: HttpFuzzOptions,
): Promise<readonly ConformanceResult[]> {
  const document = await writeDocument(folder, options);
  const report = join(folder, 'events.ndjson');
  const config = join(folder, 'schemathesis.toml');
  await writeFile(config, `[headers]\nAuthorization = "Bearer \${${TOKEN_VARIABLE}}"\n`);
  const [command, ...args] = [
    ...fuzzer.command,
    ...argumentsOf({ folder, report, config }, options),
  ];
  const env = { ...fuzzer.env, [TOKEN_VARIABLE]: options.token };
  const result = await execa(command ?? '', args, {
    cwd: folder,
    env,
    reject: false,
    all: true,
    timeout: FUZZ_TIMEOUT_MS,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  options.signal?.throwIfAborted();
  const events = await readFile(report, 'utf8').catch(() => '');
  const { service, token } = options;
  const paths = document.paths as OpenapiPaths;
  const results = readFuzzReport(events, { service, token, paths });
  const failed = results.some(({ outcome }) => outcome === 'failed');
  if (result.exitCode === 0 || (result.exitCode === 1 && failed)) return results;
  const why = result.timedOut
    ? `no end within ${FUZZ_TIMEOUT_MS / 1_000} s`
    : `exit ${result.exitCode}`;
  const tail = result.all.replaceAll(token, '$TOKEN').slice(-TAIL_CHARS);
  return [...results, unfinished(service, `${why}: ${tail}`)];
}

const unfinished = (service: ServiceName, seen: string): ConformanceResult => ({
  service,
  rpc: '*',
  check: 'the fuzzer finishes',
  outcome: 'skipped',
  seen,
  expected: 'every operation is fuzzed',
});

function argumentsOf(
  { folder, report, config }: Readonly<Record<'folder' | 'report' | 'config', string>>,
  { baseUrl, seed }: HttpFuzzOptions,
): readonly string[] {
  return [
    '--no-color',
    '--config-file',
    config,
    'run',
    join(folder, 'openapi.yaml'),
    '--url',
    baseUrl,
    '--seed',
    String(seedNumber(seed)),
    '--max-examples',
    String(EXAMPLES_MAX),
    '--checks',
    Object.keys(FUZZ_CHECKS).join(','),
    '--continue-on-failure',
    '--no-shrink',
    '--request-timeout',
    String(REQUEST_TIMEOUT_SECONDS),
    '--generation-database',
    'none',
    // The report is ours alone and shows what was sent; the token is taken out when it is read.
    '--output-sanitize',
    'false',
    '--report',
    'ndjson',
    '--report-ndjson-path',
    report,
  ];
}

/** The fuzzer wants a number: the same for the same text. */
export function seedNumber(seed: string): number {
  return createHash('sha256').update(seed).digest().readUInt32BE(0);
}

interface Parameter {
  readonly name?: string;
  readonly in?: string;
}

/** The document, with examples of path parameters that name things that exist. */
async function writeDocument(
  folder: string,
  { document = DOCUMENT, existing = {} }: HttpFuzzOptions,
): Promise<{ readonly paths?: unknown }> {
  const tree = parse(await readFile(document, 'utf8')) as { readonly paths?: unknown };
  addExamples(tree, existing);
  await writeFile(join(folder, 'openapi.yaml'), stringify(tree));
  return tree;
}

function addExamples(node: unknown, existing: Readonly<Record<string, string>>): void {
  if (typeof node !== 'object' || node === null) return;
  const { name, in: place } = node as Parameter;
  if (place === 'path' && name !== undefined && existing[name] !== undefined) {
    Object.assign(node, { example: existing[name] });
  }
  for (const value of Object.values(node)) addExamples(value, existing);
}
