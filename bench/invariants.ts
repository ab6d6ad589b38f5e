import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import { INVARIANTS } from '#harness/invariants/all.ts';
import type { Bench, BenchOptions, Findings } from './bench.ts';
import { writeHistory } from './invariants-history.ts';
import { median, seconds, times } from './stats.ts';

/**
 * Claims: all invariants together read 150,000 events a second on one core, in time that grows no
 * faster than the history, within 200 MB.
 * Checks: writes histories of a quarter of a million and of a million events in which orders of
 * every outcome are under way side by side, and holds each to all invariants, in a process of its
 * own each time, the reading of the file included.
 * Could be fooled: by a history that is nothing like a real one; so it has what real ones have (93
 * events an order, ids that do not compress, nine sources), and a verdict other than valid fails.
 */
const EVENTS_SMALL = 250_000;
const EVENTS_LARGE = 1_000_000;
const RATE_MIN = 150_000;
/** Four times the events, and a tenth more for caches that no longer fit. */
const GROWTH_MAX = 4.4;
const RSS_MB_MAX = 200;
const SEED = 20_260_101;

export const invariants: Bench = {
  name: 'invariants',
  summary: 'how fast, and in how much memory, all invariants read a history of a million events',
  round: 'readings of each history',
  rounds: 3,
  run: measureInvariants,
};

const Reading = z.object({
  verdict: z.literal('valid'),
  events: z.number(),
  wallMs: z.number(),
  cpuMs: z.number(),
  rssMaxBytes: z.number(),
});
type Reading = z.infer<typeof Reading>;

const CHILD = fileURLToPath(new URL('invariants-child.ts', import.meta.url));

async function measureInvariants(options: BenchOptions): Promise<Findings> {
  const { rounds, signal, note, installation } = options;
  const folder = mkdtempSync(join(tmpdir(), 'invariants-'));
  try {
    const read = async (file: string): Promise<Reading> => {
      const { stdout } = await execa(process.execPath, [CHILD, file], {
        cancelSignal: signal,
        env: { NODE_COMPILE_CACHE: join(installation.cacheFolder, 'compile') },
      });
      return Reading.parse(JSON.parse(stdout));
    };
    const readings: Reading[][] = [];
    for (const events of [EVENTS_SMALL, EVENTS_LARGE]) {
      const file = join(folder, `${events}.jsonl`);
      note(`writing a history of ${events.toLocaleString('en')} events`);
      writeHistory(file, events, SEED);
      // The first reading compiles; the command line has that behind it, too.
      await read(file);
      const of: Reading[] = [];
      for (let round = 0; round < rounds; round++) of.push(await read(file));
      readings.push(of);
    }
    const [small = [], large = []] = readings;
    return findings(small, large);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function findings(small: readonly Reading[], large: readonly Reading[]): Findings {
  const smallMs = median(small.map(({ cpuMs }) => cpuMs));
  const largeMs = median(large.map(({ cpuMs }) => cpuMs));
  const events = large[0]?.events ?? 0;
  const rate = Math.round(events / (largeMs / 1_000));
  const growth = largeMs / smallMs;
  const rssMb = Math.max(...large.map(({ rssMaxBytes }) => rssMaxBytes)) / 1e6;
  const rowOf = (readings: readonly Reading[]) => {
    const cpuMs = median(readings.map((reading) => reading.cpuMs));
    const wallMs = median(readings.map((reading) => reading.wallMs));
    const count = readings[0]?.events ?? 0;
    const megabytes = Math.max(...readings.map(({ rssMaxBytes }) => rssMaxBytes)) / 1e6;
    return [
      count.toLocaleString('en'),
      seconds(cpuMs),
      seconds(wallMs),
      Math.round(count / (cpuMs / 1_000)).toLocaleString('en'),
      `${Math.round(megabytes)} MB`,
    ];
  };
  return {
    title: 'Invariants',
    method:
      `All ${INVARIANTS.length} invariants over a synthetic history in a file, in a process of its ` +
      `own, median of ${large.length} readings; the memory is the most that any of them took.`,
    tables: [
      {
        head: ['events', 'CPU', 'wall', 'events per CPU-second', 'memory'],
        rows: [rowOf(small), rowOf(large)],
      },
    ],
    targets: [
      {
        claim: `at least ${RATE_MIN.toLocaleString('en')} events a second on one core`,
        seen: rate.toLocaleString('en'),
        met: rate >= RATE_MIN,
      },
      {
        claim: `four times the events in at most ${GROWTH_MAX}× the time`,
        seen: times(growth),
        met: growth <= GROWTH_MAX,
      },
      {
        claim: `a million events in at most ${RSS_MB_MAX} MB`,
        seen: `${Math.round(rssMb)} MB`,
        met: rssMb <= RSS_MB_MAX,
      },
    ],
    figures: { eventsPerCpuSecond: rate, growth, rssMb },
  };
}
