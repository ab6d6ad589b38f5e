import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { openJournal } from '../kernel/journal.ts';
import { retry } from '../kernel/poll.ts';
import { identify, isRunning } from '../kernel/process-identity.ts';
import { createRunFolder, listRuns } from '../kernel/run-folder.ts';
import { newestRun, startedBy, stillRunning, useOwnRuns } from '../testbed/stack.testkit.ts';
import { JSON_DOCUMENTS, type JsonDocument } from './json-documents.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const ONLY = ['--only', 'redis', 'postgres'];
const WAIT_MS = 30_000;

const start = (args: readonly string[], cwd?: string) =>
  execa(process.execPath, [MAIN, ...args], {
    reject: false,
    env: { CI: '1' },
    ...(cwd === undefined ? {} : { cwd }),
  });
/** Parses a document with its published schema. */
const documentOf = <Name extends JsonDocument>(name: Name, text: string) =>
  JSON_DOCUMENTS[name].parse(JSON.parse(text)) as z.infer<(typeof JSON_DOCUMENTS)[Name]>;
const json = (text: string) => JSON.parse(text) as Record<string, unknown>;

describe('the command line', () => {
  const tests = useOwnRuns();

  it.each([
    [['staus'], /unknown command 'staus'\n\(Did you mean status\?\)/],
    [['up', '--frsh'], /unknown option '--frsh'\n\(Did you mean --fresh\?\)/],
    [['up', '--only', 'kafca'], /there is no kafca in a stack; did you mean kafka\?/],
    [['up', '--subject', 'none.yaml'], /none\.yaml cannot be read: there is no such file/],
    [
      [
        'contracts',
        'verify',
        'inventory',
        '--subject',
        'examples/auth-python/sagaproof.service.yaml',
      ],
      /auth is not used to verify inventory/,
    ],
    [['up', '--config', 'none.ts'], /none\.ts does not exist/],
    [['logs', 'kafka', '-n', 'many'], /must be a number from 0/],
    [['matrix', '--fault', 'kil'], /no cell has a fault kil\n.*did you mean kill\?/],
    [['matrix', '--sample', 'some'], /--sample some is not a number of cells/],
    [['matrix', '--resume', 'no-such-run'], /run no-such-run has no matrix\.json/],
    [['down', 'no-such-run'], /run no-such-run is not running; running: none/],
  ])('refuses %j with exit code 2 and suggests a correction', async (args, message) => {
    const { exitCode, stdout, stderr } = await start(args);
    expect(stderr).toMatch(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  it.each([
    [['verify', '--frsh', '--json'], /unknown option '--frsh'/],
    [['scenario', 'hapy-path', '--json'], /no scenario hapy-path; did you mean happy-path/],
    [['check', 'no-such.jsonl', '--json'], /no-such\.jsonl: this history cannot be opened/],
    [['check', '.', '--json'], /\.: this history cannot be opened/],
    [['up', '--config', 'none.ts', '--json'], /none\.ts does not exist/],
    [['down', 'no-such-run', '--json'], /run no-such-run is not running/],
    [['status', '--al', '--json'], /unknown option '--al'/],
    [['contracts', 'conform', 'ordr', '--json'], /no ordr/],
    [['gate', '--base', 'no-such-commit', '--json'], /no-such-commit/],
    [['contracts', 'verify', 'ordr', '--json'], /no ordr .*; did you mean order\?/],
    [['doctor', '--config', 'none.ts', '--json'], /none\.ts does not exist/],
  ])('answers %j with one error object', async (args, message) => {
    const { exitCode, stdout, stderr } = await start(args);
    const { error } = documentOf('error', stdout);
    expect(error.message).toMatch(message);
    expect(error.code).not.toBe('internal');
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(2);
  });

  it('lists its scenarios as one object', async () => {
    const { stdout } = await start(['scenario', '--list', '--json']);
    expect(documentOf('scenario-list', stdout).scenarios).toContain('happy-path');
    const listed = await start(['matrix', '--list', '--fault', 'kill', '--json']);
    const { cells } = documentOf('matrix-list', listed.stdout);
    expect(cells.map(({ id }) => id)).toContain(
      'PLACE_ORDER/AUTHORIZE_PAYMENT/payment/after-commit/kill',
    );
  });

  it('refuses an unknown key of the user’s configuration', async () => {
    const file = join(tests.runsFolder(), 'bad.config.ts');
    writeFileSync(file, 'export default { adresses: {} };');
    const { exitCode, stderr } = await start(['up', '--config', file, ...ONLY]);
    expect(stderr).toMatch(/bad\.config\.ts:1: there is no adresses; did you mean addresses\?/);
    expect(exitCode).toBe(2);
  });

  it('lists and stops no stack when none is running', async () => {
    const { exitCode, stdout } = await start(['status', '--json']);
    expect({ exitCode, ...documentOf('status', stdout) }).toEqual({ exitCode: 2, stacks: [] });
    const down = await start(['down', '--json']);
    expect({ exitCode: down.exitCode, ...documentOf('down', down.stdout) }).toEqual({
      exitCode: 0,
      ended: [],
    });
  });

  it('lists a stack that does not answer, with the command that stops it', async () => {
    const { folder, runId, processes, spec } = createRunFolder();
    writeFileSync(spec, JSON.stringify({ runId, owned: false, fingerprint: 'f' }));
    const hanging = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const identity = identify(hanging.pid ?? 0) ?? expect.fail('it did not start');
    openJournal(processes).append({
      event: 'started',
      id: 'supervisor',
      kind: 'supervisor',
      identity,
    });
    const { exitCode, stdout } = await start(['status', '--json']);
    expect(documentOf('status', stdout).stacks).toMatchObject([
      { runFolder: folder, state: 'unreachable', detail: expect.stringContaining(`down ${runId}`) },
    ]);
    expect(exitCode).toBe(1);
    expect((await start(['status'])).stdout).toContain('the supervisor does not answer');
    expect((await start(['down', runId])).exitCode).toBe(0);
    expect(isRunning(identity)).toBe(false);
  });

  describe('with a stack', () => {
    let first: Awaited<ReturnType<typeof start>>;
    beforeAll(async () => {
      first = await start(['up', '--json', ...ONLY]);
    });
    afterAll(async () => {
      await start(['down', '--all']);
    });

    it('puts one object and nothing else on standard output', () => {
      expect(first.exitCode).toBe(0);
      expect(documentOf('up', first.stdout)).toMatchObject({
        reused: false,
        services: [],
        links: [],
      });
      expect(first.stdout).not.toMatch(/postgres:\/\//);
      expect(first.stderr).toMatch(/redis ready in/);
    });

    it('uses it again', async () => {
      const again = await start(['up', '--json', ...ONLY]);
      expect(json(again.stdout)).toMatchObject({ reused: true, run: json(first.stdout)['run'] });
    });

    it('shows the address book without passwords', async () => {
      const { stdout } = await start(['up', ...ONLY]);
      expect(stdout).toMatch(/redis +│ native +│ valkey|redis +│ native/);
      expect(stdout).toMatch(/postgres:\/\/witness:…@127\.0\.0\.1:\d+/);
    });

    it('shows the health of every resource; exit code 1 if one is unhealthy', async () => {
      const { stdout } = await start(['status', '--json']);
      expect(documentOf('status', stdout).stacks).toMatchObject([
        { state: 'ready', resources: [{ healthy: true }, { healthy: true }] },
      ]);
      const healthy = await start(['status']);
      expect(healthy.stdout).toMatch(/redis +│ ready +│ healthy/);
      expect(healthy.exitCode).toBe(0);
      const redis = startedBy(newestRun()).find((event) => event.id === 'redis');
      process.kill(redis?.identity.pid ?? 0, 'SIGKILL');
      const broken = await start(['status']);
      expect(broken.stdout).toMatch(/redis +│ exited +│ unhealthy/);
      expect(broken.exitCode).toBe(1);
    });

    it('shows the end of a log, and suggests a name when the log does not exist', async () => {
      const { stdout } = await start(['logs', 'postgres', '--lines', '1']);
      expect(stdout.split('\n')).toHaveLength(1);
      const wrong = await start(['logs', 'postgers']);
      expect(wrong.stderr).toMatch(/has no log of postgers[\s\S]*did you mean postgres\?/);
    });

    it('stops the stack and all its processes', async () => {
      const run = newestRun();
      const { exitCode, stdout } = await start(['down']);
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `Stopped: ${run.runId}` });
      expect(stillRunning(run)).toEqual([]);
    });
  });

  /** Resolves once the new run has started a process besides its supervisor. */
  const untilBooting = (known: number) =>
    retry(
      'the boot is under way',
      () => {
        if (listRuns().length <= known || startedBy(newestRun()).length < 2)
          throw new Error('not yet');
      },
      { signal: AbortSignal.timeout(WAIT_MS) },
    );

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'leaves no process when %s interrupts a boot',
    async (signal) => {
      const known = listRuns().length;
      const up = start(['up', ...ONLY]);
      await untilBooting(known);
      up.kill(signal);
      const { exitCode, stderr } = await up;
      expect(stderr).toMatch(new RegExp(`interrupted by ${signal}`));
      expect(exitCode).toBe(2);
      expect(stillRunning(newestRun())).toEqual([]);
    },
  );

  it('lets the next run take over a boot whose CLI was killed', async () => {
    const known = listRuns().length;
    const up = start(['up', ...ONLY]);
    await untilBooting(known);
    up.kill('SIGKILL');
    await up;
    const next = await start(['up', '--json', ...ONLY]);
    expect(json(next.stdout)).toMatchObject({ reused: true, run: newestRun().runId });
    const book = JSON.parse(readFileSync(newestRun().addressBook, 'utf8')) as { runId: string };
    expect(book.runId).toBe(newestRun().runId);
    await start(['down']);
    expect(existsSync(newestRun().data)).toBe(false);
  });

  it('reports the state of the machine as JSON', async () => {
    const { exitCode, stdout } = await start(['doctor', '--json']);
    expect(exitCode).toBe(0);
    expect(documentOf('doctor', stdout)).toMatchObject({ verdict: 'ready' });
  });

  it('installs before it checks with --install, as the test command does', async () => {
    const { exitCode, stdout } = await start(['doctor', '--install', '--json']);
    expect(exitCode).toBe(0);
    expect(documentOf('doctor', stdout)).toMatchObject({ verdict: 'ready' });
  });
});
