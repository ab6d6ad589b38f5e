import type { HistoryBuilder } from './history-builder.ts';

const INSTANCE = 'order-1';

/** One instance is live and ready, and shows its metrics. */
export function tellProbesBegin(to: HistoryBuilder): void {
  for (const probe of ['livez', 'readyz'] as const) {
    to.add(`health.${probe}`, {
      type: 'health',
      instance: INSTANCE,
      probe,
      outcome: 'ok',
      status: 200,
    });
  }
  tellMetrics(to, 'metrics.first', 1);
}

export function tellProbesEnd(to: HistoryBuilder): void {
  to.add('health.readyz.last', {
    type: 'health',
    instance: INSTANCE,
    probe: 'readyz',
    outcome: 'ok',
    status: 200,
    isLast: true,
  });
  tellMetrics(to, 'metrics.last', 2);
}

function tellMetrics(to: HistoryBuilder, tag: string, requests: number): void {
  to.add(tag, {
    type: 'metrics',
    instance: INSTANCE,
    counters: { 'requests_total{outcome="ok"}': requests },
    gauges: { process_start_time_seconds: 1, process_open_fds: 30, consumer_lag: 0 },
    histograms: {
      request_seconds: { upTo: ['1', '+Inf'], buckets: [1, requests], count: requests, sum: 1.5 },
    },
  });
}
