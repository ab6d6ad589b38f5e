import { newRunId } from '#harness/kernel/run-folder.ts';
import { World } from '#harness/scenario/world.ts';
import { bootStack } from '#harness/testbed/stack.ts';
import type { Bench, BenchOptions, Findings } from './bench.ts';
import { type Customer, newCustomer, SILENT, warmUp } from './customers.ts';
import { median, millis, percentile, seconds } from './stats.ts';

/**
 * Claims: a scenario gets its own world within 100 ms, because worlds are isolated by keys and
 * nothing is started or emptied.
 * Checks: makes a new world again and again on one stack: a new user with a token, a product in
 * stock, a registered card and an open, subscribed socket, as the scenarios do it. In the end an
 * order is placed in the last of them, so that it is known to be ready.
 * Could be fooled: by a cache that grows with the number of worlds, so the last tenth is compared
 * with the first.
 */
const P95_MS_MAX = 100;
const WARM_UP_SAGAS = 20;

export const reset: Bench = {
  name: 'reset',
  summary: 'a fresh, isolated world for a scenario: new user, product, card and socket',
  round: 'worlds',
  rounds: 200,
  run: measureResets,
};

async function measureResets(options: BenchOptions): Promise<Findings> {
  const { installation, signal, note, rounds } = options;
  const startedMs = performance.now();
  await using stack = await bootStack({ installation, fresh: true, signal });
  const bootMs = performance.now() - startedMs;
  note(`the stack is up in ${seconds(bootMs)}`);
  const book = stack.addressBook;
  const newWorld = () => new World({ scenario: 'bench', run: newRunId(), book, shard: SILENT });
  await warmUp(newWorld(), WARM_UP_SAGAS);
  const wallsMs: number[] = [];
  const parts = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    signal.throwIfAborted();
    const beginMs = performance.now();
    const world = newWorld();
    let partBeganMs = beginMs;
    const customer: Customer = await newCustomer(world, (part) => {
      const nowMs = performance.now();
      parts.set(part, [...(parts.get(part) ?? []), nowMs - partBeganMs]);
      partBeganMs = nowMs;
    });
    wallsMs.push(performance.now() - beginMs);
    if (round === rounds - 1) await customer.completeSaga();
    await world.close();
  }
  const tenth = Math.max(1, Math.floor(rounds / 10));
  const p95Ms = percentile(wallsMs, 0.95);
  const row = (name: string, values: readonly number[]) => [
    name,
    ...[0.5, 0.95, 0.99].map((share) => millis(percentile(values, share))),
    millis(median(values.slice(0, tenth))),
    millis(median(values.slice(-tenth))),
  ];
  return {
    title: 'A fresh world for a scenario',
    method:
      `${rounds} times on one stack: a new user with a token, a product in stock, a registered ` +
      'card and an authenticated, subscribed socket, one after another over new connections, ' +
      'compared with a fresh stack in the same run.',
    tables: [
      {
        head: ['', 'p50', 'p95', 'p99', 'p50 of the first tenth', 'of the last'],
        rows: [
          row('by keys', wallsMs),
          ...[...parts].map(([part, values]) => row(`· ${part}`, values)),
          ['a fresh stack', seconds(bootMs), '', '', '', ''],
        ],
      },
    ],
    remarks: [`A fresh stack takes ${Math.round(bootMs / median(wallsMs))} times as long.`],
    targets: [
      { claim: `p95 at most ${P95_MS_MAX} ms`, seen: millis(p95Ms), met: p95Ms <= P95_MS_MAX },
    ],
    figures: { p50Ms: median(wallsMs), p95Ms, bootMs },
  };
}
