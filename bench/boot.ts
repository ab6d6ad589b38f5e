import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runsFolder } from '#harness/kernel/run-folder.ts';
import { bootStack, type Stack } from '#harness/testbed/stack.ts';
import type { Bench, BenchOptions, Findings } from './bench.ts';
import { treeMs } from './cpu.ts';
import { CLIENT, type CpuByProcess, cpuByProcess } from './cpu-by-process.ts';
import { withDefaultPreparations } from './default-preparations.ts';
import { median, seconds, times } from './stats.ts';

/**
 * Claims: a warm `up` of everything costs at most 0.35 of the CPU and 0.45 of the time of the same
 * parts started one after another with default flags.
 * Checks: boots both in turn, after one boot that fills every cache. CPU is that of the whole
 * process tree, ended processes included, from the command until everything is ready.
 * Could be fooled: by work that is left for after `ready`, which the saga benchmark would show; the
 * default side has the same server settings, so it is not made slower than it need be.
 */
const CPU_RATIO_MAX = 0.35;
const WALL_RATIO_MAX = 0.45;

interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Of the processes that run when everything is ready. */
  readonly byProcess: CpuByProcess;
}

export const boot: Bench = {
  name: 'boot',
  summary: 'a warm `up` compared with a sequential start of the same parts with default flags',
  round: 'pairs of boots',
  rounds: 3,
  run: measureBoots,
};

async function measureBoots(options: BenchOptions): Promise<Findings> {
  options.note('filling the caches');
  await tuned(options);
  const pairs: Array<{ tuned: Cost; plain: Cost }> = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    options.note(`pair ${round} of ${options.rounds}`);
    pairs.push({ tuned: await tuned(options), plain: await plain(options) });
    const { tuned: ours, plain: theirs } = pairs.at(-1) ?? {};
    if (ours && theirs) options.note(`${describe(ours)}; default ${describe(theirs)}`);
  }
  const middle = (of: 'tuned' | 'plain', what: 'cpuMs' | 'wallMs') =>
    median(pairs.map((pair) => pair[of][what]));
  const ratio = (what: 'cpuMs' | 'wallMs') =>
    median(pairs.map((pair) => pair.tuned[what] / pair.plain[what]));
  const [cpuRatio, wallRatio] = [ratio('cpuMs'), ratio('wallMs')];
  const row = (name: string, of: 'tuned' | 'plain') => [
    name,
    seconds(middle(of, 'cpuMs')),
    seconds(middle(of, 'wallMs')),
  ];
  return {
    title: 'Boot of the whole stack',
    method:
      `Booted in turn with warm caches (pairs: ${pairs.length}; medians): eleven components of ` +
      'infrastructure and eleven service processes, until each has answered by its own protocol. ' +
      '“Default” is the same parts with the same settings, one after another: JVM without flags ' +
      'and boot caches, `initdb` and `kafka-storage format` instead of copies of their results, ' +
      'services from their sources without a bundle or a compile cache. CPU is user and system ' +
      'time of the whole process tree, with what has ended.',
    tables: [
      {
        head: ['', 'CPU', 'wall'],
        rows: [
          row('`up`', 'tuned'),
          row('default', 'plain'),
          ['ratio (median of pairs)', times(cpuRatio), times(wallRatio)],
        ],
      },
      processTable(pairs.at(-1)),
    ],
    targets: [
      {
        claim: `CPU at most ${times(CPU_RATIO_MAX)}`,
        seen: times(cpuRatio),
        met: cpuRatio <= CPU_RATIO_MAX,
      },
      {
        claim: `wall at most ${times(WALL_RATIO_MAX)}`,
        seen: times(wallRatio),
        met: wallRatio <= WALL_RATIO_MAX,
      },
    ],
    figures: {
      cpuMs: middle('tuned', 'cpuMs'),
      wallMs: middle('tuned', 'wallMs'),
      defaultCpuMs: middle('plain', 'cpuMs'),
      defaultWallMs: middle('plain', 'wallMs'),
      cpuRatio,
      wallRatio,
    },
  };
}

const tuned = ({ installation, signal }: BenchOptions): Promise<Cost> =>
  costOf(() => bootStack({ installation, fresh: true, signal }));

async function plain({ installation, signal }: BenchOptions): Promise<Cost> {
  const folder = mkdtempSync(join(runsFolder(), 'bench-'));
  try {
    return await costOf(async () =>
      bootStack({
        installation: await withDefaultPreparations(installation, folder, signal),
        fresh: true,
        untuned: true,
        signal,
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** From the command until the stack is ready, without the teardown. */
async function costOf(start: () => Promise<Stack>): Promise<Cost> {
  const [cpuBeforeMs, startedMs] = [treeMs(process.pid), performance.now()];
  await using stack = await start();
  const wallMs = performance.now() - startedMs;
  const cpuMs = treeMs(process.pid) - cpuBeforeMs;
  return { cpuMs, wallMs, byProcess: await cpuByProcess(stack) };
}

/** CPU by process, of the last pair. */
function processTable(pair: { readonly tuned: Cost; readonly plain: Cost } | undefined) {
  if (pair === undefined) throw new Error('nothing was booted');
  const { tuned: ours, plain: theirs } = pair;
  const rows = [...ours.byProcess]
    .filter(([name]) => name !== CLIENT)
    .sort(([, a], [, b]) => b - a)
    .map(([name, cpuMs]) => [name, seconds(cpuMs), seconds(theirs.byProcess.get(name) ?? 0)]);
  return { head: ['CPU until all is ready, last pair', '`up`', 'default'], rows };
}

const describe = ({ cpuMs, wallMs }: Cost): string =>
  `${seconds(cpuMs)} of CPU in ${seconds(wallMs)}`;
