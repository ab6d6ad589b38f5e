import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import which from 'which';
import { z } from 'zod';
import { dashboardQueries } from '../deployment/dashboards.ts';
import type { AddressBook } from '../kernel/address-book.ts';
import { packageAsset } from '../kernel/package-assets.ts';
import { retry } from '../kernel/poll.ts';
import { freePort } from '../provision/boot-cache/server-process.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';

const BOOT_TIMEOUT_MS = 600_000;
/** The alert waits 15 s; the rest is for a busy machine. */
const ALERT_TIMEOUT_MS = 90_000;
const missing = (await which('prometheus', { nothrow: true })) === null;

const Answer = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()) })),
  }),
});

describe.skipIf(missing)(`a running stack${missing ? ' (there is no prometheus)' : ''}`, () => {
  const runs = mkdtempSync(join(tmpdir(), 'sagaproof-eyes-'));
  let book: AddressBook;
  let prometheus: Prometheus;

  const sagaproof = async (...args: readonly string[]): Promise<unknown> => {
    const program = packageAsset('harness/cli/main.ts');
    const { stdout } = await execa('node', [program, ...args, '--json'], {
      env: { SAGAPROOF_RUNS_DIR: runs },
      cwd: packageAsset('.'),
      preferLocal: true,
    });
    return JSON.parse(stdout);
  };
  const ask = async (expr: string) => {
    const url = `${prometheus.url}/api/v1/query?query=${encodeURIComponent(expr)}`;
    return Answer.parse(await (await fetch(url)).json()).data.result.map(({ metric }) => metric);
  };
  const firing = async () =>
    (await ask('ALERTS{alertstate="firing"}')).map(({ alertname }) => alertname);
  const untilFiring = async (alert: string): Promise<void> => {
    const look = async () => expect(await firing()).toContain(alert);
    await retry(`${alert} fires`, look, { signal: AbortSignal.timeout(ALERT_TIMEOUT_MS) });
  };

  beforeAll(async () => {
    const { runFolder } = z
      .object({ runFolder: z.string() })
      .parse(await sagaproof('up', '--fresh'));
    book = JSON.parse(readFileSync(join(runFolder, 'address-book.json'), 'utf8'));
    prometheus = await startPrometheus({ addressBook: book, port: await freePort() });
    await sagaproof('scenario', 'happy-path', 'shipment-refused');
  }, BOOT_TIMEOUT_MS);

  afterAll(async () => {
    await prometheus?.[Symbol.asyncDispose]();
    await sagaproof('down', '--all');
    rmSync(runs, { recursive: true, force: true });
  });

  it('fires no alert while nothing is wrong', async () => {
    expect(await ask('up == 1')).toHaveLength(instances().length);
    expect(await firing()).toEqual([]);
  });

  it.each(dashboardQueries())('gives data to $dashboard: $title', async ({ expr }) => {
    const look = async () => expect((await ask(expr)).length).toBeGreaterThan(0);
    await retry(`data of ${expr}`, look, { signal: AbortSignal.timeout(10_000) });
  });

  it('fires DeadLetters for a record that cannot be read', async () => {
    await sagaproof('scenario', 'poison-message');
    await untilFiring('DeadLetters');
  });

  it('fires InstanceDown for a process that hangs', async () => {
    const pid = instances().at(-1)?.pid;
    if (pid === undefined) throw new Error('there is no process to pause');
    process.kill(pid, 'SIGSTOP');
    try {
      await untilFiring('InstanceDown');
      const down = await ask('ALERTS{alertname="InstanceDown",alertstate="firing"}');
      expect(down.map(({ instance }) => instance)).toEqual([instances().at(-1)?.id]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  const instances = () => Object.values(book.services).flatMap((service) => service.instances);
});
