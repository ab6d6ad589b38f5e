import { setTimeout as pause } from 'node:timers/promises';
import { newRunId } from '#harness/kernel/run-folder.ts';
import { World } from '#harness/scenario/world.ts';
import { bootStack, type Stack } from '#harness/testbed/stack.ts';
import type { Bench, BenchOptions, Findings, FindingsTable } from './bench.ts';
import { type CpuByProcess, cpuByProcess, since } from './cpu-by-process.ts';
import { newCustomer, SILENT } from './customers.ts';
import { costTable, costTargets, measureCosts, type SagaCosts } from './saga-costs.ts';
import { type Floor, floorTable, measureFloor } from './saga-floor.ts';
import { median, millis, percentile, times } from './stats.ts';

/**
 * Claims: nothing; it reports how long a saga takes at the public API, and where the time goes.
 * Checks: customers with a socket, a product and a card each place an order, wait for the terminal
 * frame and place the next. CPU by process is the difference of /proc over a level, less what the
 * same process uses when nothing happens.
 * Could be fooled: by the client's own CPU, which uses the same cores and is in the table.
 */
const CONCURRENCIES = [1, 16, 64] as const;
/** Sagas at a level, in rounds: enough for each of its customers to be past the first few. */
const ROUNDS_OF = { 1: 1, 16: 2, 64: 4 } as const;
/** JVM and Node compile what is used often; with fewer the first level paid for it. */
const WARM_UP_SAGAS = 200;
const WARM_UP_CONCURRENCY = 16;
/** How long the stack is watched while nothing happens. */
const IDLE_MS = 5_000;

interface Level {
  readonly concurrency: number;
  readonly latenciesMs: readonly number[];
  readonly wallMs: number;
  readonly cpu: CpuByProcess;
}

export const saga: Bench = {
  name: 'saga',
  summary: 'POST to terminal WebSocket frame: latency, sagas/s, CPU by process, and the floor',
  round: 'sagas one after another; twice as many at 16 at once, four times at 64',
  rounds: 200,
  run: measureSagas,
};

async function measureSagas(options: BenchOptions): Promise<Findings> {
  const { installation, signal, note, rounds } = options;
  await using stack = await bootStack({ installation, fresh: true, signal });
  await playLevel(stack, WARM_UP_CONCURRENCY, WARM_UP_SAGAS);
  note('warm; watching the stack idle');
  const idle = await idlePerSecond(stack);
  const levels: Level[] = [];
  const playAll = async () => {
    for (const concurrency of CONCURRENCIES) {
      signal.throwIfAborted();
      const level = await playLevel(stack, concurrency, rounds * ROUNDS_OF[concurrency]);
      levels.push(level);
      note(`${concurrency} at once: ${perSecond(level).toFixed(1)} sagas/s`);
    }
  };
  const sagas = CONCURRENCIES.reduce((sum, level) => sum + rounds * ROUNDS_OF[level], 0);
  const costs = await measureCosts(stack, sagas, playAll);
  const floor = await measureFloor(stack);
  return describe({ levels, idle, floor, costs });
}

const newWorld = (stack: Stack): World =>
  new World({ scenario: 'bench', run: newRunId(), book: stack.addressBook, shard: SILENT });

const perSecond = ({ latenciesMs, wallMs }: Level): number => latenciesMs.length / (wallMs / 1_000);

/** Each customer places the next order when the one before has ended. */
export async function playLevel(stack: Stack, concurrency: number, sagas: number): Promise<Level> {
  const world = newWorld(stack);
  try {
    const customers = await Promise.all(
      Array.from({ length: concurrency }, () => newCustomer(world)),
    );
    const before = await cpuByProcess(stack);
    const startedMs = performance.now();
    const latenciesMs: number[] = [];
    let begun = 0;
    const work = async ({ completeSaga }: (typeof customers)[number]): Promise<void> => {
      while (begun < sagas) {
        begun += 1;
        latenciesMs.push(await completeSaga());
      }
    };
    await Promise.all(customers.map(work));
    const wallMs = performance.now() - startedMs;
    return { concurrency, latenciesMs, wallMs, cpu: since(before, await cpuByProcess(stack)) };
  } finally {
    await world.close();
  }
}

async function idlePerSecond(stack: Stack): Promise<CpuByProcess> {
  const before = await cpuByProcess(stack);
  const startedMs = performance.now();
  await pause(IDLE_MS);
  const used = since(before, await cpuByProcess(stack));
  const elapsedSeconds = (performance.now() - startedMs) / 1_000;
  return new Map([...used].map(([name, cpuMs]) => [name, cpuMs / elapsedSeconds]));
}

/** CPU of a process per saga at a level, without its idle share. */
function cpuPerSaga({ cpu, latenciesMs, wallMs }: Level, name: string, idle: CpuByProcess): number {
  const background = (idle.get(name) ?? 0) * (wallMs / 1_000);
  return Math.max(0, (cpu.get(name) ?? 0) - background) / latenciesMs.length;
}

const totalCpuPerSaga = (level: Level, idle: CpuByProcess): number =>
  [...idle.keys()].reduce((sum, name) => sum + cpuPerSaga(level, name, idle), 0);

function cpuTable(levels: readonly Level[], idle: CpuByProcess): FindingsTable {
  const totals = levels.map((level) => totalCpuPerSaga(level, idle));
  const idleTotal = [...idle.values()].reduce((sum, one) => sum + one, 0);
  const rows = [...idle.keys()]
    .map((name) => ({ name, costs: levels.map((level) => cpuPerSaga(level, name, idle)) }))
    .sort((a, b) => (b.costs[0] ?? 0) - (a.costs[0] ?? 0))
    .map(({ name, costs }) => [
      name,
      ...costs.map((cost) => cost.toFixed(2)),
      percent(idle.get(name) ?? 0),
    ]);
  return {
    head: [
      'CPU per saga, ms',
      ...levels.map(({ concurrency }) => `${concurrency} at once`),
      'idle, of a core',
    ],
    rows: [...rows, ['all', ...totals.map((total) => total.toFixed(1)), percent(idleTotal)]],
  };
}

/** Milliseconds of CPU in a second, as a share of one core. */
const percent = (msPerSecond: number): string => `${(msPerSecond / 10).toFixed(1)} %`;

interface Measured {
  readonly levels: readonly Level[];
  readonly idle: CpuByProcess;
  readonly floor: Floor;
  readonly costs: SagaCosts;
}

function describe({ levels, idle, floor, costs }: Measured): Findings {
  const [alone] = levels;
  if (alone === undefined) throw new Error('no level was played');
  const latency = (level: Level, share: number) => percentile(level.latenciesMs, share);
  const p50Ms = median(alone.latenciesMs);
  return {
    title: 'A saga, from POST to the terminal WebSocket frame',
    method:
      'PlaceOrder on a warm stack with every link through its proxy and traces on: four steps, ' +
      'each a command and a reply over Kafka, Postgres and the outbox, then the outcome over ' +
      'job-management and websocket. Every customer has a product, a card and a socket of their ' +
      'own and places the next order when the last one has ended.',
    tables: [
      {
        head: ['at once', 'sagas', 'p50', 'p99', 'sagas/s', 'against one at a time'],
        rows: levels.map((level) => [
          level.concurrency,
          level.latenciesMs.length,
          millis(latency(level, 0.5)),
          millis(latency(level, 0.99)),
          perSecond(level).toFixed(1),
          times(perSecond(level) / perSecond(alone)),
        ]),
      },
      floorTable(floor, p50Ms),
      costTable(costs),
      cpuTable(levels, idle),
    ],
    remarks: [
      'CPU is what a level used beyond the idle share of the same process; one saga also feeds the ' +
        'read model, notifications and traces, which are not on the serial path.',
    ],
    targets: costTargets(costs),
    figures: {
      p50Ms,
      p99Ms: latency(alone, 0.99),
      floorMs: floor.totalMs,
      overFloor: p50Ms / floor.totalMs,
      ...costs,
      idleCpuShare: [...idle.values()].reduce((sum, one) => sum + one, 0) / 1_000,
      ...Object.fromEntries(
        levels.flatMap((level) => [
          [`sagasPerSecondAt${level.concurrency}`, perSecond(level)],
          [`cpuMsPerSagaAt${level.concurrency}`, totalCpuPerSaga(level, idle)],
        ]),
      ),
    },
  };
}
