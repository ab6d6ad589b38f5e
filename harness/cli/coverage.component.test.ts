import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CoverageSchema } from '../coverage/coverage-schema.ts';

const PROGRAM = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Capacity of a pipe on Linux. */
const PIPE_BYTES = 65_536;
/** Longer than the command takes. */
const READS_AFTER_MS = 2_500;

const FIXTURES = fileURLToPath(new URL('../coverage/fixtures', import.meta.url));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sagaproof-coverage-'));
  cpSync(FIXTURES, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The command, with the contracts of the fixture. */
const coverage = (...args: readonly string[]) =>
  execa(
    'node',
    [
      ...[PROGRAM, 'contracts', 'coverage', join(folder, 'history.jsonl')],
      ...['--pacts', join(folder, 'pacts'), '--unread', join(folder, 'unread')],
      ...['--wire', join(folder, 'wire'), ...args],
    ],
    { reject: false, env: { SAGAPROOF_RUNS_DIR: folder, NO_COLOR: '1' } },
  );

it('prints the gaps and the table', async () => {
  const { exitCode, stdout } = await coverage();
  expect(exitCode).toBe(0);
  const lines = stdout.split('\n').map((line) => line.trim());
  const noContract = 'no contract asserts it, and nothing proves it unread';
  expect(lines).toEqual(
    expect.arrayContaining([
      'edge web-client → api-gateway (http) (documented, and in no contract)',
      `field order → inventory (kafka) · inventory.events StockReserved: jobId (${noContract})`,
      `field api-gateway → order (grpc) · OrderService/GetOrder: answer.order.revision (${noContract})`,
      'operation api-gateway → order (grpc) · OrderService/CancelOrder (contracted)',
      'error web-client → websocket (ws): HTTP 401 (in no contract and in no document)',
      'error api-gateway → order (grpc): order-not-cancellable (contracted)',
    ]),
  );
  expect(stdout).toMatch(/│ fields +│ 11 +│ 5 +│ 45\.4 % +│ 5 +│ 5 +│ 100 % +│ 1 +│ 2 +│/);
});

it('exits 1 below a minimum, and 0 at it', async () => {
  const below = await coverage('--min', 'fields=46');
  expect(below.exitCode).toBe(1);
  expect(below.stdout).toContain('✗ fields: 45.4 % of what was seen is in a contract; 46 %');
  expect((await coverage('--min', 'fields=45')).exitCode).toBe(0);
});

it('answers in JSON of its schema', async () => {
  const { stdout } = await coverage('--json', '--min', 'edges=100');
  const printed = CoverageSchema.parse(JSON.parse(stdout));
  expect(printed.verdict).toBe('invalid');
  expect(printed.thresholds.map(({ kind, direction }) => `${kind} ${direction}`)).toEqual([
    'edges asserted',
    'edges occurred',
  ]);
});

it('exits 2 for an empty history and for an invalid minimum', async () => {
  expect((await coverage('--min', 'lines=1')).exitCode).toBe(2);
  writeFileSync(join(folder, 'history.jsonl'), '');
  const { exitCode, stdout } = await coverage();
  expect(exitCode).toBe(2);
  expect(stdout).toContain('this history is empty');
});

it('exits 0 when the reader closes the pipe early', async () => {
  const history = fileURLToPath(new URL('../checker/testing/fixtures/good.jsonl', import.meta.url));
  const command = `node "$1" contracts coverage "$2" --json | head -c 1; exit "\${PIPESTATUS[0]}"`;
  const { exitCode, stdout, stderr } = await execa(
    'bash',
    ['-c', command, 'bash', PROGRAM, history],
    { reject: false, env: { SAGAPROOF_RUNS_DIR: folder } },
  );
  expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0, stdout: '{' });
  expect(stderr).not.toContain('EPIPE');
});

it('writes its whole output to a slow reader, also beyond the capacity of a pipe', async () => {
  const history = fileURLToPath(new URL('../checker/testing/fixtures/good.jsonl', import.meta.url));
  const writer = execa('node', [PROGRAM, 'contracts', 'coverage', history, '--json'], {
    reject: false,
    buffer: false,
    env: { SAGAPROOF_RUNS_DIR: folder },
  });
  const slow = `setTimeout(() => process.stdin.pipe(process.stdout), ${READS_AFTER_MS})`;
  const { stdout } = await writer.pipe('node', ['-e', slow], { maxBuffer: 10_000_000 });
  expect(stdout.length).toBeGreaterThan(PIPE_BYTES);
  expect(CoverageSchema.parse(JSON.parse(stdout)).rows.length).toBeGreaterThan(0);
});
