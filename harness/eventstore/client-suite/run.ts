/**
 * Runs the official client's own test suite against the embedded event store; how-to:
 * ../README.md. The suite is not part of this repository: it takes a clone of
 * it, and a folder where its test dependencies are installed.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeCertificates } from './cluster.ts';

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
try {
  const jest = join(modules, 'jest/bin/jest.js');
  const { status } = spawnSync(process.execPath, [jest, '--config', config, ...positionals], {
    cwd: tests,
    stdio: 'inherit',
    env: {
      ...process.env,
      EVENTSTORE_SUITE_SERVER: here('../main.ts'),
      EVENTSTORE_SUITE_CERTIFICATES: join(scratch, 'certificates'),
      EVENTSTORE_SUITE_SCRATCH: join(scratch, 'nodes'),
      EVENTSTORE_SUITE_NODE: process.execPath,
    },
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
