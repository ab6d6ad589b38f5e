import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import type { RunVerdict } from '../checker/check.ts';
import { renderConformance } from '../conformance/render.ts';
import { ConformanceResultSchema } from '../conformance/result.ts';
import { InteractionResultSchema } from '../contracts/provider/interaction-result.ts';
import { renderResults } from '../contracts/provider/results.ts';
import { CoverageSchema } from '../coverage/coverage-schema.ts';
import { describeThreshold } from '../coverage/thresholds.ts';
import { renderText } from '../report/render-text.ts';
import { VerdictSchema } from '../report/verdict-schema.ts';
import { paints } from '../terminal/output.ts';
import { type Tally, tallyOf, vitestTally } from './tally.ts';

/**
 * Runs all tests, `pnpm test`: unit, component and contract tests in Vitest, contract verification
 * and conformance against running providers, the scenarios on a full stack with `verify`, contract
 * coverage of that run, and a subset of these against services in other languages. The last line
 * counts passed and failed tests.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const KINDS = ['unit', 'component', 'contract'] as const;
/** Independent implementations, and scenarios that exercise them most. */
const manifestOf = (example: string) => ['--subject', `examples/${example}/sagaproof.service.yaml`];
const GO = manifestOf('job-management-go');
const PYTHON = manifestOf('auth-python');
const STORIES = [
  ...['happy-path', 'shipment-refused', 'reconnect-and-resume'],
  ...['job-expiry', 'one-trace', 'poison-message'],
] as const;

async function run(command: string, args: readonly string[]): Promise<number> {
  const result = await execa(command, args, {
    cwd: root,
    preferLocal: true,
    localDir: root,
    stdio: 'inherit',
    reject: false,
  });
  return result.exitCode ?? 1;
}

const folder = join(root, 'runs', 'test');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

async function vitest(kinds: readonly string[]): Promise<Tally> {
  const file = join(folder, `${kinds.join('-')}.json`);
  const exitCode = await run('vitest', [
    'run',
    ...kinds.flatMap((kind) => ['--project', kind]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  return vitestTally(JSON.parse(readFileSync(file, 'utf8')), root, exitCode);
}

/** Runs a command of Sagaproof with `--json` and shows its progress. */
async function sagaproof(args: readonly string[]): Promise<{ answer: unknown; exitCode: number }> {
  const program = ['--disable-warning=TimeoutNegativeWarning', 'harness/cli/main.ts'];
  const { stdout, exitCode } = await execa('node', [...program, ...args, '--json'], {
    cwd: root,
    preferLocal: true,
    localDir: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    reject: false,
  });
  return { answer: stdout === '' ? undefined : JSON.parse(stdout), exitCode: exitCode ?? 1 };
}

const Contracts = z.object({ interactions: z.array(InteractionResultSchema) });

/** Consumers' contracts against running providers; each interaction counts as a test. */
async function contracts(args: readonly string[] = []): Promise<Tally> {
  const part = ['contracts', 'verify', ...args].join(' ');
  const { answer, exitCode } = await sagaproof(['contracts', 'verify', ...args]);
  const parsed = Contracts.safeParse(answer);
  if (!parsed.success) return tallyOf(part, [], exitCode);
  process.stdout.write(`${renderResults(parsed.data.interactions, paints)}\n`);
  const trials = parsed.data.interactions.map(({ provider, consumer, description, outcome }) => ({
    name: `${provider} for ${consumer}: ${description}`,
    good: outcome === 'passed',
  }));
  return tallyOf(part, trials, exitCode);
}

const Conformance = z.object({ checks: z.array(ConformanceResultSchema) });

/** A fixed seed, so that a new failure is caused by a change and not by other requests. */
const CONFORMANCE_SEED = 'test';

/** Conformance of every service; each check counts as a test. */
async function conformance(): Promise<Tally> {
  const { answer, exitCode } = await sagaproof([
    'contracts',
    'conform',
    '--seed',
    CONFORMANCE_SEED,
  ]);
  const parsed = Conformance.safeParse(answer);
  if (!parsed.success) return tallyOf('contracts conform', [], exitCode);
  process.stdout.write(`${renderConformance(parsed.data.checks, paints)}\n`);
  const trials = parsed.data.checks.map(({ service, rpc, check, outcome }) => ({
    name: `${service} ${rpc}: ${check}`,
    good: outcome === 'passed',
  }));
  return tallyOf('contracts conform', trials, exitCode);
}

/**
 * Scenarios and invariants of one verification, each counted as a test; with selected scenarios,
 * only the invariants that they exercise.
 */
async function verification(args: readonly string[] = ['verify']): Promise<Tally> {
  const { answer, exitCode } = await sagaproof(args);
  const isWhole = args[0] === 'verify';
  const parsed = VerdictSchema.safeParse(answer);
  if (!parsed.success) return tallyOf(args.join(' '), [], exitCode);
  // --json replaces the text output, so print the findings here.
  process.stdout.write(`${renderText(parsed.data as RunVerdict, paints)}\n`);
  const trials = [
    ...parsed.data.scenarios.map(({ name, outcome }) => ({ name, good: outcome === 'passed' })),
    ...parsed.data.invariants
      .filter(({ looked }) => isWhole || looked > 0)
      .map(({ name, verdict }) => ({ name, good: verdict === 'valid' })),
  ];
  return tallyOf(args.join(' '), trials, exitCode);
}

/**
 * Minimum contract coverage, in both directions: slightly below the measured one, because retries
 * differ between runs. Minimums only rise: a new edge needs a contract.
 */
const COVERAGE_MIN = 'edges=100,operations=100,fields=95';

/** Contract coverage of that verification; each minimum counts as a test. */
async function coverage(): Promise<Tally> {
  const { answer, exitCode } = await sagaproof(['contracts', 'coverage', '--min', COVERAGE_MIN]);
  const parsed = CoverageSchema.safeParse(answer);
  if (!parsed.success) return tallyOf('contracts coverage', [], exitCode);
  const { thresholds, reasons } = parsed.data;
  const trials = thresholds.map((threshold) => ({
    name: describeThreshold(threshold),
    good: threshold.met,
  }));
  for (const line of [...trials.map(({ name }) => name), ...reasons]) {
    process.stdout.write(`${line}\n`);
  }
  return tallyOf('contracts coverage', trials, exitCode);
}

const provisioned = await run('node', ['harness/cli/main.ts', 'doctor', '--install']);
if (provisioned !== 0) process.exit(provisioned);
const tallies = [
  await vitest(KINDS),
  await contracts(),
  await conformance(),
  await verification(),
  await coverage(),
  await contracts(['job-management', 'auth', ...GO, ...PYTHON]),
  await verification(['scenario', ...STORIES, ...GO]),
];
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
const failed = tallies.flatMap((tally) => tally.failed);
for (const name of failed) process.stdout.write(`\n${paints.red('failed')} ${name}`);
process.stdout.write(`\n${passed} passed, ${failed.length} failed\n`);
process.exitCode = failed.length === 0 && passed > 0 ? 0 : 1;
