import { Worker } from 'node:worker_threads';
import { bootStack } from '#harness/testbed/stack.ts';
import type { Bench, BenchOptions, Findings } from './bench.ts';
import { percentile, seconds, times } from './stats.ts';

/**
 * Claims: a boot does not fail because the machine is busy.
 * Checks: boots everything again and again, each time from nothing, while a loop keeps one core to
 * itself; counts the boots that fail. Beside it a few boots without the loop.
 * Could be fooled: by a cache that only this machine has; an emptied one is what CI begins with.
 */
const QUIET_SHARE = 0.1;

interface Boots {
  readonly wallsMs: readonly number[];
  readonly failures: readonly string[];
}

export const coldBoots: Bench = {
  name: 'cold-boots',
  summary: 'boots of everything in a row while the other core is kept busy; none may fail',
  round: 'boots under load',
  rounds: 100,
  run: measureColdBoots,
};

async function measureColdBoots(options: BenchOptions): Promise<Findings> {
  const quietRounds = Math.max(2, Math.round(options.rounds * QUIET_SHARE));
  const quiet = await bootAgainAndAgain(options, quietRounds, 'without load');
  const loaded = await underLoad(() => bootAgainAndAgain(options, options.rounds, 'under load'));
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
      'thread loops without a pause and keeps one core for itself.',
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

async function bootAgainAndAgain(
  { installation, signal, note }: BenchOptions,
  rounds: number,
  where: string,
): Promise<Boots> {
  const [wallsMs, failures]: [number[], string[]] = [[], []];
  for (let round = 1; round <= rounds; round += 1) {
    signal.throwIfAborted();
    const startedMs = performance.now();
    try {
      await using _stack = await bootStack({ installation, fresh: true, signal });
      wallsMs.push(performance.now() - startedMs);
      note(`boot ${round} of ${rounds} ${where}: ${seconds(wallsMs.at(-1) ?? 0)}`);
    } catch (error) {
      signal.throwIfAborted();
      const [reason = ''] = String(error).split('\n');
      failures.push(reason);
      note(`boot ${round} of ${rounds} ${where} FAILED: ${reason}`);
    }
  }
  return { wallsMs, failures };
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
