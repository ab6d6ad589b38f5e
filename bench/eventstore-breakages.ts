import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { startChildServer } from '#harness/eventstore/child-server.ts';
import { PACKAGE_ROOT, packageAsset } from '#harness/kernel/package-assets.ts';
import { runsFolder } from '#harness/kernel/run-folder.ts';
import { note, paints, result, resultJson } from '#harness/terminal/output.ts';
import { newTable } from '#harness/terminal/table.ts';
import { editSources } from './edited-sources.ts';
import { BREAKAGES, type StoreBreakage } from './eventstore-breakage-list.ts';

/**
 * What the contract suite of the event store catches: every breakage is built into a copy of the
 * store, and its part of the suite runs on that. The same tests without a breakage are the control:
 * a suite that is always red catches nothing.
 *
 * Arguments select breakages by name; `--json` prints one object.
 */
const FOLDER = join(runsFolder(), 'eventstore-breakages');
const SUITE = 'harness/eventstore/eventstore.contract.test.ts';
const SUITE_TIMEOUT_MS = 300_000;

const args = process.argv.slice(2);
const names = args.filter((arg) => !arg.startsWith('--'));

const Report = z.object({
  testResults: z.array(
    z.object({
      assertionResults: z.array(z.object({ title: z.string(), status: z.string() })),
    }),
  ),
});

interface Outcome {
  readonly passed: number;
  readonly failed: readonly string[];
}

function copyStore(breakage: StoreBreakage): string {
  const root = join(FOLDER, breakage.name);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  cpSync(packageAsset('harness/eventstore'), join(root, 'eventstore'), { recursive: true });
  cpSync(packageAsset('package.json'), join(root, 'package.json'));
  editSources(join(root, 'eventstore'), breakage.edits, `breakage ${breakage.name}`);
  return join(root, 'eventstore', 'main.ts');
}

/** Runs the tests whose titles fit, on a server that is started from this program. */
async function runSuite(label: string, main: string, pattern: string): Promise<Outcome> {
  const data = join(FOLDER, `${label}-data`);
  rmSync(data, { recursive: true, force: true });
  await using server = await startChildServer(data, [], main);
  const report = join(FOLDER, `${label}.json`);
  await execa(
    'vitest',
    [
      ...['run', '--project', 'contract', SUITE, '-t', pattern],
      ...['--reporter=json', `--outputFile.json=${report}`],
    ],
    {
      cwd: PACKAGE_ROOT,
      preferLocal: true,
      localDir: PACKAGE_ROOT,
      reject: false,
      timeout: SUITE_TIMEOUT_MS,
      env: { EVENTSTORE_CONTRACT_URL: server.connectionString },
    },
  );
  const { testResults } = Report.parse(JSON.parse(readFileSync(report, 'utf8')));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: tests.filter(({ status }) => status === 'failed').map(({ title }) => title),
  };
}

const chosen =
  names.length === 0 ? BREAKAGES : BREAKAGES.filter(({ name }) => names.includes(name));
if (chosen.length === 0) throw new Error(`no breakage is called ${names.join(', ')}`);
mkdirSync(FOLDER, { recursive: true });

const patterns = chosen.map(({ tests }) => tests).join('|');
const control = await runSuite('control', packageAsset('harness/eventstore/main.ts'), patterns);
note(`control: ${control.passed} tests passed, ${control.failed.length} failed`);

const rows: { name: string; breaks: string; caught: boolean; failed: readonly string[] }[] = [];
for (const breakage of chosen) {
  const { failed, passed } = await runSuite(breakage.name, copyStore(breakage), breakage.tests);
  if (passed + failed.length === 0) throw new Error(`${breakage.name}: no test fits its pattern`);
  rows.push({ ...breakage, caught: failed.length > 0, failed });
  note(`${breakage.name}: ${failed.length > 0 ? 'caught' : 'not caught'}`);
}

const isGood = control.failed.length === 0 && control.passed > 0 && rows.every((row) => row.caught);
if (args.includes('--json')) {
  resultJson({
    control,
    breakages: rows.map(({ name, caught, failed }) => ({ name, caught, failed })),
  });
} else {
  const table = newTable(['breakage', '', 'first failed test']);
  for (const { breaks, caught, failed } of rows) {
    table.push([breaks, caught ? paints.green('caught') : paints.red('missed'), failed[0] ?? '']);
  }
  result(`${table.toString()}\ncontrol: ${control.passed} passed, ${control.failed.length} failed`);
}
process.exitCode = isGood ? 0 : 1;
