import { createWriteStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { closest } from 'fastest-levenshtein';
import { endsWithUs } from '../kernel/child-command.ts';
import { seedNumber } from '../kernel/random.ts';
import { RECORDING_VARIABLE } from '../scenario/scenario.ts';
import { STACK_VARIABLE } from '../testbed/stack.ts';
import type { ScenarioLine } from './scenario-reporter.ts';

export interface ScenarioResult {
  readonly name: string;
  readonly claims: string;
  readonly outcome: 'passed' | 'failed' | 'partial';
  readonly durationMs: number;
  readonly message?: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(root, 'scenarios');
const SUFFIX = /(\.exclusive)?\.scenario\.test\.ts$/;

/** Names of all scenarios, sorted. */
export function scenarioNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => SUFFIX.test(file))
    .map((file) => file.replace(SUFFIX, ''))
    .sort();
}

/** A name or glob that fits no scenario. */
export class UnknownScenario extends Error {}

/**
 * The scenarios that names and globs (`cancel-*`) pick; all of them when there are none.
 * Throws {@link UnknownScenario}, with the nearest name, for one that picks nothing.
 */
export function pickScenarios(patterns: readonly string[]): string[] {
  const names = scenarioNames();
  if (patterns.length === 0) return names;
  const picked = patterns.flatMap((pattern) => {
    const fits = globToRegExp(pattern);
    const found = names.filter((name) => fits.test(name));
    if (found.length > 0) return found;
    throw new UnknownScenario(
      `there is no scenario ${pattern}; did you mean ${closest(pattern, names)}? ` +
        'All of them: pnpm sagaproof scenario --list',
    );
  });
  return [...new Set(picked)].sort();
}

/** `*` and `?` as in a shell; everything else is itself. */
const globToRegExp = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );

/**
 * Runs scenarios in a process of their own against the stack that `SAGAPROOF_STACK` names, and
 * resolves with what became of each. A scenario that never reported is a failed one.
 *
 * @param options.seed decides in which order they begin
 * @param options.recordingFile what the process is told of the run
 * @param options.stackFolder run folder of the stack
 * @param options.logFile everything that the process printed
 */
export async function runScenarios(options: {
  readonly names: readonly string[];
  readonly seed: string;
  readonly recordingFile: string;
  readonly stackFolder: string;
  readonly logFile: string;
  readonly onLine: (line: ScenarioLine) => void;
  readonly signal?: AbortSignal;
}): Promise<ScenarioResult[]> {
  const files = readdirSync(FOLDER)
    .filter((file) => options.names.includes(file.replace(SUFFIX, '')))
    .map((file) => `scenarios/${file}`);
  const [file, ...args] = await endsWithUs([
    'vitest',
    'run',
    '--project=scenario',
    '--project=exclusive',
    '--passWithNoTests',
    // In an order that the seed repeats: what ran longest last time would else come first.
    '--sequence.shuffle.files',
    `--sequence.seed=${seedNumber(options.seed)}`,
    `--reporter=${join(root, 'harness/runner/scenario-reporter.ts')}`,
    ...files,
  ]);
  const child = execa(file, args, {
    cwd: root,
    preferLocal: true,
    localDir: root,
    env: { [RECORDING_VARIABLE]: options.recordingFile, [STACK_VARIABLE]: options.stackFolder },
    stdin: 'ignore',
    buffer: false,
    reject: false,
    forceKillAfterDelay: 2_000,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  const log = createWriteStream(options.logFile);
  child.stderr.pipe(log);
  const results = new Map<string, ScenarioResult>();
  for await (const text of createInterface({ input: child.stdout })) {
    const line = lineOf(text);
    if (line === undefined) {
      log.write(`${text}\n`);
      continue;
    }
    if (line.event === 'ended') results.set(line.name, line);
    options.onLine(line);
  }
  const { exitCode, signal } = await child;
  log.end();
  return options.names.map(
    (name) =>
      results.get(name) ?? {
        name,
        claims: 'it is run',
        outcome: 'failed',
        durationMs: 0,
        message: `it did not report; its process ended with ${signal ?? exitCode}, see ${options.logFile}`,
      },
  );
}

function lineOf(text: string): ScenarioLine | undefined {
  if (!text.startsWith('{"event":')) return undefined;
  try {
    return JSON.parse(text) as ScenarioLine;
  } catch {
    return undefined;
  }
}
