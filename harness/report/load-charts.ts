import type { HistoryEvent, LoadSample } from '../history/event.ts';
import type { EventOf } from '../history/event-schema.ts';
import { type ChartLine, drawChart } from './draw-chart.ts';

/** What the page shows of a run under load. */
export interface LoadView {
  readonly claims: string;
  readonly limits: ReadonlyArray<{
    readonly name: string;
    readonly limit: string;
    readonly value: string;
    readonly isKept: boolean;
  }>;
  /** Percentiles of each workload, in milliseconds. */
  readonly latencies: ReadonlyArray<{ readonly of: string; readonly cells: readonly string[] }>;
  readonly charts: ReadonlyArray<{ readonly title: string; readonly svg: string }>;
}

/** More points than a chart has room for are merged. */
const POINTS_MAX = 360;
const DELIVERY = '/delivery';

const seriesOf = (workload: string): string => workload.slice(workload.lastIndexOf('/') + 1);
const milliseconds = (value: number | undefined): string =>
  value === undefined ? '' : value.toFixed(value < 10 ? 2 : 0);

/** Reads the samples of a load out of a history; undefined when it has no result of one. */
export function loadView(events: Iterable<HistoryEvent>): LoadView | undefined {
  const samples: LoadSample[] = [];
  const totals: LoadSample[] = [];
  const faults: Array<EventOf<'fault'>> = [];
  let result: EventOf<'load-result'> | undefined;
  for (const event of events) {
    if (event.type === 'load-result') result = event;
    else if (event.type === 'fault') faults.push(event);
    else if (event.type === 'load-sample') (event.isTotal ? totals : samples).push(event);
  }
  if (result === undefined) return undefined;
  return {
    claims: result.claims,
    limits: result.limits.map(({ name, limit, value, isKept }) => ({
      ...{ name, isKept, limit: String(limit) },
      value: value === undefined ? 'not measured' : String(value),
    })),
    latencies: totals.map(({ workload, latencyMs: ms }) => ({
      of: seriesOf(workload),
      cells: [
        (ms?.count ?? 0).toLocaleString('en'),
        ...[ms?.p50, ms?.p90, ms?.p99, ms?.p999, ms?.max].map(milliseconds),
      ],
    })),
    charts: chartsOf(samples, faults),
  };
}

function chartsOf(all: readonly LoadSample[], faults: ReadonlyArray<EventOf<'fault'>>) {
  // Nothing happens while threads start and customers get their tokens.
  const first = all.findIndex(({ sockets = 0, received }) => sockets > 0 || received > 0);
  const startMs = all[Math.max(0, first)]?.startMs ?? 0;
  const until = ((all.at(-1)?.endMs ?? startMs) - startMs) / 1_000;
  const delivery = thinned(all.filter(({ workload }) => workload.endsWith(DELIVERY)));
  const sagas = thinned(all.filter(({ workload }) => workload.endsWith('/saga')));
  const timed = sagas.length > 0 ? sagas : delivery;
  const at = ({ endMs }: LoadSample): number => (endMs - startMs) / 1_000;
  const line = (
    name: string,
    samples: readonly LoadSample[],
    figure: (sample: LoadSample) => number | undefined,
  ): ChartLine => ({
    name,
    points: samples.flatMap((sample) => {
      const value = figure(sample);
      return value === undefined || at(sample) < 0 ? [] : [[at(sample), value] as const];
    }),
  });
  const marks = faults
    .filter(({ what }) => what !== 'landed')
    .map(({ what, name, target, atMs }) => ({
      at: (atMs - startMs) / 1_000,
      text: what === 'armed' ? `${name} ${target}` : `${name} over`,
    }));
  const chart = (title: string, unit: string, lines: readonly ChartLine[]) => ({
    title,
    svg: drawChart({ unit, lines, marks, until }),
  });
  return [
    chart(sagas.length > 0 ? 'Saga latency' : 'Delivery latency', 'ms', [
      line('p50', timed, ({ latencyMs }) => latencyMs?.p50),
      line('p99', timed, ({ latencyMs }) => latencyMs?.p99),
      line('max', timed, ({ latencyMs }) => latencyMs?.max),
    ]),
    chart('Throughput', 'per second', [
      line('frames', delivery, perSecond),
      line('sockets', delivery, ({ sockets }) => sockets),
    ]),
    chart('Anomalies', 'in the interval', [
      line('gaps', delivery, ({ lost }) => lost),
      line('duplicates', delivery, ({ duplicated }) => duplicated),
      line('reorders', delivery, ({ reordered }) => reordered),
      line('leaks', delivery, ({ leaked }) => leaked ?? 0),
    ]),
  ];
}

const perSecond = ({ received, startMs, endMs }: LoadSample): number =>
  (received * 1_000) / Math.max(1, endMs - startMs);

/** Keeps the worst of neighbours, so that no spike is lost. */
function thinned(samples: readonly LoadSample[]): LoadSample[] {
  const size = Math.ceil(samples.length / POINTS_MAX);
  const groups = Array.from({ length: Math.ceil(samples.length / Math.max(1, size)) }, (_, at) =>
    samples.slice(at * size, (at + 1) * size),
  );
  return groups.flatMap((group) => group.toSorted((a, b) => badness(b) - badness(a)).slice(0, 1));
}

const badness = ({ lost, duplicated, reordered, leaked = 0, latencyMs }: LoadSample): number =>
  (lost + duplicated + reordered + leaked) * 1e9 + (latencyMs?.max ?? 0);
