import type { LoadDocument } from '../../load/engine/load-document.ts';
import type { LoadProgress } from '../../load/engine/load-play.ts';
import type { LoadModel } from '../../load/model/model-schema.ts';
import { note, notePaints, paints } from '../terminal/output.ts';
import { newTable } from '../terminal/table.ts';

/** Between two lines where the terminal cannot replace one. */
const LINE_EVERY_MS = 5_000;

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
const number = (value: number): string => Math.round(value).toLocaleString('en');

/** Shows how a load goes on: one line that is replaced, or one every few seconds. */
export function createLoadView({ name, sockets, durationSeconds }: LoadModel) {
  const isTerminal = process.stderr.isTTY === true;
  let shownMs = Number.NEGATIVE_INFINITY;
  let isLineOpen = false;
  const endLine = (): void => {
    if (isLineOpen) process.stderr.write('\n');
    isLineOpen = false;
  };
  note(`load ${name}: ${sockets.users * sockets.perUser} sockets, ${durationSeconds} s`);
  return {
    onProgress(progress: LoadProgress): void {
      const nowMs = performance.now();
      if (isTerminal) {
        process.stderr.write(`\r\u001b[2K${lineOf(progress)}`);
        isLineOpen = true;
      } else if (nowMs - shownMs >= LINE_EVERY_MS) {
        shownMs = nowMs;
        note(lineOf(progress));
      }
    },
    onPhase(phase: string): void {
      endLine();
      note(notePaints.dim(`  ${phase}`));
    },
    close: endLine,
  };
}

function lineOf(progress: LoadProgress): string {
  const { phase, elapsedMs, leftMs, sockets, framesPerSecond, p99Ms, anomalies } = progress;
  const parts = [
    `${phase} ${seconds(elapsedMs)}`,
    `${number(sockets)} sockets`,
    `${number(framesPerSecond)} frames/s`,
    ...(p99Ms === undefined ? [] : [`p99 ${p99Ms.toFixed(1)} ms`]),
    anomalies === 0 ? 'no anomaly' : notePaints.red(`${anomalies} anomalies`),
    `about ${seconds(leftMs)} left`,
  ];
  return `  ${parts.join(' · ')}`;
}

const milliseconds = (value: number | undefined): string =>
  value === undefined ? '' : value.toFixed(value < 10 ? 2 : 1);

/** The figures of a run and how it kept its limits, for the terminal. */
export function renderLoad(load: LoadDocument): string {
  const { counts } = load;
  const times = newTable(['ms', 'count', 'p50', 'p90', 'p99', 'p99.9', 'max']);
  for (const [of, latency] of Object.entries(load.latencies)) {
    const { count, p50, p90, p99, p999, max } = latency;
    times.push([of, number(count), ...[p50, p90, p99, p999, max].map(milliseconds)]);
  }
  const limits = newTable(['limit', 'allowed', 'measured', '']);
  for (const { name, limit, value, isKept } of load.limits) {
    const mark = isKept ? paints.green('kept') : paints.red('missed');
    limits.push([name, String(limit), value === undefined ? '–' : String(value), mark]);
  }
  const { lateP99Ms, loopDelayMsMax } = load.generator;
  return [
    times.toString(),
    `${number(counts.frames)} frames in ${load.durationSeconds.toFixed(1)} s ` +
      `(${number(load.framesPerSecond)}/s) on ${number(load.sockets)} sockets; ` +
      `gaps ${counts.gaps}, duplicates ${counts.duplicates}, reorders ${counts.reorders}, ` +
      `leaks ${counts.leaks}`,
    ...searchLines(load),
    limits.toString(),
    `generator: arrivals late by ${milliseconds(lateP99Ms) || '0'} ms (p99), ` +
      `blocked for ${milliseconds(loopDelayMsMax)} ms at most`,
    ...(load.why === undefined ? [] : [`load ${load.model} ${load.outcome}: ${load.why}`]),
  ].join('\n');
}

function searchLines({ search }: LoadDocument): string[] {
  if (search === undefined) return [];
  const steps = newTable(['per second', 'p99 ms', '']);
  for (const { perSecond, p99Ms, isKept } of search.steps) {
    const mark = isKept ? paints.green('kept') : paints.red('missed');
    steps.push([perSecond.toFixed(1), milliseconds(p99Ms), mark]);
  }
  const best = search.bestPerSecond?.toFixed(1) ?? 'none';
  return [steps.toString(), `highest rate that kept the limits: ${best} per second`];
}
