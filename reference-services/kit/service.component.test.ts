import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const TINY = fileURLToPath(new URL('fixtures/tiny-service.ts', import.meta.url));
const ENV = { SERVICE_NAME: 'tiny', SERVICE_INSTANCE: 'tiny-1', ADMIN_PORT: '0' };

interface Line {
  readonly said?: string;
  readonly msg?: string;
  readonly admin?: string;
  readonly err?: { readonly message: string };
}

/** A process that runs the tiny service, with what it says line by line. */
function start(how: string, env: NodeJS.ProcessEnv = ENV) {
  const child: ChildProcess = spawn(process.execPath, [TINY, how], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Line[] = [];
  const errors: string[] = [];
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes');
  createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line) as Line));
  createInterface(child.stderr).on('line', (line) => errors.push(line));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    lines,
    errors,
    ended,
    signal: (name: NodeJS.Signals) => child.kill(name),
    said: () => lines.flatMap(({ said }) => said ?? []),
    until: (msg: string) =>
      expect
        .poll(() => lines.find((line) => line.msg === msg || line.said === msg), {
          timeout: 20_000,
          message: msg,
        })
        .toBeDefined(),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

describe('a service', () => {
  it('names every variable that it lacks, and exits 2', async () => {
    await using service = start('', {});
    expect(await service.ended).toBe(2);
    expect(service.errors.join('\n')).toMatch(/SERVICE_NAME: is not set[\s\S]*ADMIN_PORT/);
  });

  it('serves health and metrics, drains on SIGTERM in reverse order, and exits 0', async () => {
    await using service = start('');
    await service.until('ready');
    const admin = service.lines.find((line) => line.admin !== undefined)?.admin;
    expect((await fetch(`${admin}/livez`)).status).toBe(200);
    expect((await fetch(`${admin}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${admin}/metrics`)).text();
    expect(metrics).toMatch(/process_cpu_user_seconds_total\{[^}]*service="tiny"/);
    service.signal('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(service.said()).toEqual([
      'aborted',
      'drained first',
      'drained last',
      'disposed second',
      'disposed first',
    ]);
  });

  it('is not ready while it drains, and ends at once at a second signal', async () => {
    await using service = start('drains-slowly');
    await service.until('ready');
    const admin = service.lines.find((line) => line.admin !== undefined)?.admin;
    service.signal('SIGTERM');
    await service.until('drained first');
    expect((await fetch(`${admin}/readyz`)).status).toBe(503);
    expect((await fetch(`${admin}/livez`)).status).toBe(200);
    service.signal('SIGINT');
    expect(await service.ended).toBe(1);
  });

  it('says why it cannot start, and exits 1', async () => {
    await using service = start('cannot-start');
    expect(await service.ended).toBe(1);
    expect(service.lines.map(({ err }) => err?.message)).toContain('the disk is full');
  });

  it.each(['rejects', 'asserts'])('exits 70 when it is broken: %s', async (how) => {
    await using service = start(how);
    expect(await service.ended).toBe(70);
    expect(service.lines.map(({ msg }) => msg)).toContain('the service is broken');
  });
});
