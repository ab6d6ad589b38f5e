import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';

/**
 * Runs every test: units, components and contracts by Vitest, then the scenarios on the whole real
 * stack by `verify`, and closes with one plain line that counts them all: `pnpm test`.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const KINDS = ['unit', 'component', 'contract'] as const;

interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const VitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numFailedTestSuites: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
});

/** Reads a Vitest JSON report. A skipped test is not a passed one: it counts as failed. */
function tallyOf(file: string): Tally {
  const report = VitestReport.parse(JSON.parse(readFileSync(file, 'utf8')));
  const notRun = report.numPendingTests + report.numTodoTests;
  const failed = report.numFailedTests + notRun;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && report.numFailedTestSuites > 0 ? report.numFailedTestSuites : failed,
  };
}

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
  const tally = tallyOf(file);
  return exitCode !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

/** The scenarios and the invariants of one verification, each counted as a test. */
async function verification(): Promise<Tally> {
  const { stdout, exitCode } = await execa('node', ['harness/cli/main.ts', 'verify', '--json'], {
    cwd: root,
    preferLocal: true,
    localDir: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    reject: false,
  });
  const verdict = z
    .object({
      scenarios: z.array(z.object({ outcome: z.string() })),
      invariants: z.array(z.object({ verdict: z.string() })),
    })
    .safeParse(stdout === '' ? undefined : JSON.parse(stdout));
  if (!verdict.success) return { passed: 0, failed: 1 };
  const good = [
    ...verdict.data.scenarios.map((scenario) => scenario.outcome === 'passed'),
    ...verdict.data.invariants.map((invariant) => invariant.verdict === 'valid'),
  ];
  const passed = good.filter(Boolean).length;
  const failed = good.length - passed;
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}

const provisioned = await run('node', ['harness/cli/main.ts', 'doctor', '--install']);
if (provisioned !== 0) process.exit(provisioned);
const tallies = [await vitest(KINDS), await verification()];
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
