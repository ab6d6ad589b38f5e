import { expect, it } from 'vitest';
import type { HistoryEvent } from '../history/event.ts';
import { drawChart, roundUp } from './draw-chart.ts';
import { loadView } from './load-charts.ts';

const sample = (second: number, more: object = {}): HistoryEvent =>
  ({
    type: 'load-sample',
    index: second,
    atMs: 1_000 * second,
    workload: 'load-fan-out/delivery',
    startMs: 1_000 * (second - 1),
    endMs: 1_000 * second,
    ...{ sent: 5, received: 50, lost: 0, duplicated: 0, reordered: 0, sockets: 10 },
    latencyMs: { count: 50, p50: 2, p90: 3, p99: 4, p999: 5, max: 6 },
    ...more,
  }) as HistoryEvent;

const result = {
  type: 'load-result',
  index: 99,
  atMs: 99_000,
  workload: 'load-fan-out',
  claims: 'every update reaches all sockets',
  limits: [
    { name: 'deliveryP99Ms', limit: 3, value: 4, isKept: false },
    { name: 'sagaP99Ms', limit: 3, isKept: true },
  ],
} as const;
const fault = (atMs: number, what: string) =>
  ({
    type: 'fault',
    index: 5,
    atMs,
    fault: 'f',
    name: 'kill',
    target: 'websocket-1',
    what,
    seed: '1',
  }) as HistoryEvent;

it('shows limits, percentiles and a chart of each figure, with the faults', () => {
  const events = [
    sample(1),
    fault(1_500, 'armed'),
    sample(2),
    sample(3, { isTotal: true }),
    result,
  ];
  const view = loadView(events);
  expect(view?.limits).toEqual([
    { name: 'deliveryP99Ms', limit: '3', value: '4', isKept: false },
    { name: 'sagaP99Ms', limit: '3', value: 'not measured', isKept: true },
  ]);
  expect(view?.latencies).toEqual([
    { of: 'delivery', cells: ['50', '2.00', '3.00', '4.00', '5.00', '6.00'] },
  ]);
  expect(view?.charts.map(({ title }) => title)).toEqual([
    'Delivery latency',
    'Throughput',
    'Anomalies',
  ]);
  expect(view?.charts[0]?.svg).toContain('kill websocket-1');
});

it('shows nothing of a history without a load', () => {
  expect(loadView([])).toBeUndefined();
});

it('keeps a spike when it merges neighbours', () => {
  const many = Array.from({ length: 2_000 }, (_, second) =>
    sample(second + 1, second === 777 ? { lost: 3 } : {}),
  );
  const svg = loadView([...many, result])?.charts[2]?.svg ?? '';
  const gaps = /class="series-0" points="([^"]*)"/.exec(svg)?.[1]?.split(' ') ?? [];
  expect(gaps.length).toBeLessThanOrEqual(360);
  expect(new Set(gaps.map((point) => point.split(',')[1])).size).toBe(2);
});

it('draws text as text, and rounds its axis', () => {
  const marks = [{ at: 1, text: '<b>"&' }];
  const svg = drawChart({
    unit: 'ms',
    lines: [{ name: 'p50', points: [[0, 3]] }],
    marks,
    until: 1,
  });
  expect(svg).toContain('&lt;b>&quot;&amp;');
  expect([0, 0.3, 7, 11, 2_000].map(roundUp)).toEqual([1, 0.5, 10, 20, 2_000]);
});
