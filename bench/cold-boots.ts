import { Worker } from 'node:worker_threads';
import { bootStack } from '#harness/testbed/stack.ts';
import type { Bench, BenchOptions, Findings } from './bench.ts';
import { percentile, seconds, times } from './stats.ts';

/**
 * Claims: a boot does not fail because the machine is busy.
 * Checks: boots everything again and again, each time from nothing, while a loop keeps one core to
 * itself; counts the boots that fail. Between them, a few boots without the loop.
 * Could be fooled: by a cache that only this machine has; an emptied one is what CI begins with.
 */
const ROUNDS_PER_QUIET_BOOT = 5;

interface Boots {
  readonly wallsMs: number[];
  readonly failures: string[];
}

export const coldBoots: Bench = {
  name: 'cold-boots',
  summary: 'boots of everything in a row while the other core is kept busy; none may fail',
  round: 'boots under load',
  rounds: 100,
  run: measureColdBoots,
};

async function measureColdBoots(options: BenchOptions): Promise<Findings> {
  const quiet: Boots = { wallsMs: [], failures: [] };
  const loaded: Boots = { wallsMs: [], failures: [] };
  for (let round = 1; round <= options.rounds; round += 1) {
    const label = `boot ${round} of ${options.rounds} under load`;
    await underLoad(() => bootInto(loaded, label, options));
    if ((round - 1) % ROUNDS_PER_QUIET_BOOT === 0) await bootInto(quiet, 'without load', options);
  }
  const failed = quiet.failures.length + loaded.failures.length;
  const row = (name: string, { wallsMs, failures }: Boots) => [
    name,
    wallsMs.length + failures.length,
    failures.length,
    ...(wallsMs.length === 0
      ? ['–', '–', '–']
      : [0.5, 0.95, 1].map((share) => seconds(percentile(wallsMs, share)))),
  ];
  const ratio =
    loaded.wallsMs.length > 0 && quiet.wallsMs.length > 0
      ? percentile(loaded.wallsMs, 0.5) / percentile(quiet.wallsMs, 0.5)
      : Number.NaN;
  return {
    title: 'Boots in a row, with the other core busy',
    method:
      'Infrastructure and services, each boot from nothing and taken down again. Under load one ' +
      'thread loops without a pause and keeps one core for itself; every fifth is followed by one ' +
      'without that load.',
    tables: [
      {
        head: ['', 'boots', 'failed', 'p50', 'p95', 'longest'],
        rows: [row('without load', quiet), row('under load', loaded)],
      },
    ],
    remarks: [
      `Under load a boot takes ${times(ratio)} of the time (p50).`,
      ...[...quiet.failures, ...loaded.failures].map((failure) => `Failed: ${failure}`),
    ],
    targets: [{ claim: 'no boot fails', seen: `${failed} failed`, met: failed === 0 }],
    figures: {
      boots: loaded.wallsMs.length + loaded.failures.length,
      failures: failed,
      ...(loaded.wallsMs.length === 0
        ? {}
        : { p50Ms: percentile(loaded.wallsMs, 0.5), p95Ms: percentile(loaded.wallsMs, 0.95) }),
    },
  };
}

async function bootInto(boots: Boots, label: string, options: BenchOptions): Promise<void> {
  const { signal, note } = options;
  signal.throwIfAborted();
  try {
    const wallMs = await bootAndEnd(options);
    boots.wallsMs.push(wallMs);
    note(`${label}: ${seconds(wallMs)}`);
  } catch (error) {
    signal.throwIfAborted();
    const [reason = ''] = String(error).split('\n');
    boots.failures.push(reason);
    note(`${label} FAILED: ${reason}`);
  }
}

/** How long it took to come up; that it also goes down again is part of a good boot. */
async function bootAndEnd({ installation, signal }: BenchOptions): Promise<number> {
  const startedMs = performance.now();
  await using _stack = await bootStack({ installation, fresh: true, signal });
  return performance.now() - startedMs;
}

/** The loop is a thread of this process, so that it ends with it whatever happens. */
async function underLoad<T>(work: () => Promise<T>): Promise<T> {
  const loop = new Worker('for (;;);', { eval: true });
  try {
    return await work();
  } finally {
    await loop.terminate();
  }
}
