/**
 * Runs the official client's own test suite against the embedded event store; how-to:
 * ../README.md. The suite is not part of this repository: it takes a clone of
 * it, and a folder where its test dependencies are installed.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeCertificates } from './cluster.ts';
import { OUT_OF_SCOPE } from './out-of-scope.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const { values, positionals } = parseArgs({
  options: { clone: { type: 'string' }, dependencies: { type: 'string' } },
  allowPositionals: true,
});
if (values.clone === undefined || values.dependencies === undefined) {
  throw new Error('usage: run.ts --clone <client repository> --dependencies <folder> [jest args]');
}
const tests = resolve(values.clone, 'packages/test');
const modules = resolve(values.dependencies, 'node_modules');

copyFileSync(here('cluster.ts'), join(tests, 'src/utils/Cluster.ts'));
if (!existsSync(join(tests, 'node_modules'))) symlinkSync(modules, join(tests, 'node_modules'));

const scratch = mkdtempSync(join(tmpdir(), 'eventstore-suite-'));
makeCertificates(join(scratch, 'certificates'));
const config = join(scratch, 'jest.json');
writeFileSync(
  config,
  JSON.stringify({
    rootDir: tests,
    testTimeout: 60_000,
    testMatch: ['**/src/**/*.test.ts'],
    transform: { '\\.ts$': join(modules, '@swc/jest') },
    moduleNameMapper: { '^@test-utils$': '<rootDir>/src/utils' },
  }),
);
const output = join(scratch, 'results.json');
try {
  const jest = join(modules, 'jest/bin/jest.js');
  const args = ['--config', config, '--json', '--outputFile', output, ...positionals];
  // Its exit code says that tests failed, and which of them may is decided below.
  spawnSync(process.execPath, [jest, ...args], {
    cwd: tests,
    stdio: ['inherit', 'ignore', 'inherit'],
    env: {
      ...process.env,
      EVENTSTORE_SUITE_SERVER: here('../main.ts'),
      EVENTSTORE_SUITE_CERTIFICATES: join(scratch, 'certificates'),
      EVENTSTORE_SUITE_SCRATCH: join(scratch, 'nodes'),
      EVENTSTORE_SUITE_NODE: process.execPath,
    },
  });
  const results = JSON.parse(readFileSync(output, 'utf8')) as Results;
  process.exitCode = report(results) ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

interface Results {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: 'passed' | 'failed' | 'pending';
    }[];
  }[];
}

/** Prints what failed, and is true when that is what is out of scope. */
function report({ testResults }: Results): boolean {
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const counts = { passed: 0, failed: 0, pending: 0 };
  const outOfScope = { projections: 0, 'a cluster': 0, 'a commit timeout': 0 };
  const wrong: string[] = [];
  for (const { name, message, assertionResults } of testResults) {
    if (assertionResults.length === 0) wrong.push(`${name} did not run: ${message}`);
    for (const { fullName, status } of assertionResults) {
      const entry = OUT_OF_SCOPE.find(
        ({ file, test }) => name.includes(file) && (test === undefined || fullName.includes(test)),
      );
      if (status === 'failed' && entry !== undefined) outOfScope[entry.needs] += 1;
      else counts[status] += 1;
      if (status === 'failed' && entry === undefined) wrong.push(`failed: ${fullName}`);
      if (status === 'passed' && entry?.test !== undefined) {
        wrong.push(`passed, and is listed as out of scope: ${fullName}`);
      }
    }
  }
  for (const line of wrong) say(line);
  const { passed, failed, pending } = counts;
  say(`${passed} passed, ${failed} failed, ${pending} skipped`);
  for (const [needs, count] of Object.entries(outOfScope)) say(`${count} more need ${needs}`);
  return wrong.length === 0 && passed > 0;
}
