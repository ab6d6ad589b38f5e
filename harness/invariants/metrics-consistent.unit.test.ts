import type { HistoryBuilder } from '../checker/testing/history-builder.ts';
import { describeInvariant } from '../checker/testing/judge.ts';
import type { EventOf } from '../history/event-schema.ts';
import { metricsConsistent } from './metrics-consistent.ts';

const LAST = 'metrics.last';

const edit = (to: HistoryBuilder, what: 'counters' | 'gauges', change: object, tag = LAST) => {
  const seen = to.event(tag) as EventOf<'metrics'>;
  to.edit(tag, { [what]: { ...seen[what], ...change } });
};

const histogram = (to: HistoryBuilder, change: object) => {
  const { histograms } = to.event(LAST) as EventOf<'metrics'>;
  to.edit(LAST, {
    histograms: { request_seconds: { ...histograms['request_seconds'], ...change } },
  });
};

describeInvariant(
  metricsConsistent,
  [
    {
      anomaly: 'a counter that falls',
      edit: (to) => edit(to, 'counters', { 'requests_total{outcome="ok"}': 0 }),
      says: /order-1: requests_total\{outcome="ok"\} fell from 1 to 0 in one process/,
      shows: ['metrics.first', LAST],
    },
    {
      anomaly: 'a histogram that falls',
      edit: (to) => histogram(to, { buckets: [0, 0], count: 0, sum: 0 }),
      says: /request_seconds fell from 1 to 0/,
      shows: ['metrics.first', LAST],
    },
    {
      anomaly: 'a histogram whose buckets do not add up',
      edit: (to) => histogram(to, { count: 3 }),
      says: /histogram request_seconds has 3 observations, and 2 up to \+Inf/,
      shows: [LAST],
    },
    {
      anomaly: 'a histogram whose buckets fall',
      edit: (to) => histogram(to, { buckets: [3, 2] }),
      says: /has fewer observations up to \+Inf than up to a lower bound/,
      shows: [LAST],
    },
    {
      anomaly: 'a histogram without a sum',
      edit: (to) => histogram(to, { sum: Number.NaN }),
      says: /has the sum NaN of 2/,
      shows: [LAST],
    },
    {
      anomaly: 'a label with an id of a user',
      edit: (to) => edit(to, 'counters', { 'requests_total{user="user-a"}': 1 }),
      says: /requests_total\{user="user-a"\} has an id in a label/,
      shows: [LAST],
      // Users are known from what clients and records say.
      minimal: false,
    },
    {
      anomaly: 'a label with a path that has an id',
      edit: (to) =>
        edit(to, 'counters', {
          'requests_total{path="/v1/jobs/6f0a3c1e-8f0e-7abc-8def-0123456789ab"}': 1,
        }),
      says: /has an id in a label/,
      shows: [LAST],
    },
    {
      anomaly: 'a consumer that is behind in the end',
      edit: (to) => edit(to, 'gauges', { consumer_lag: 40 }),
      says: /order-1: consumer_lag is 40 in the end/,
      shows: [LAST],
    },
    {
      anomaly: 'a process that keeps files open',
      edit: (to) => edit(to, 'gauges', { process_open_fds: 900 }),
      says: /process_open_fds was 30 at first and is 900 in the end/,
      shows: ['metrics.first', LAST],
    },
  ],
  [
    {
      legal: 'a counter that begins again with its process',
      edit: (to) => {
        edit(to, 'counters', { 'requests_total{outcome="ok"}': 0 });
        edit(to, 'gauges', { process_start_time_seconds: 2 });
      },
    },
    {
      legal: 'a consumer that is behind just after its link was cut',
      edit: (to) => {
        edit(to, 'gauges', { consumer_lag: 40 });
        const fault = { type: 'fault', fault: 'f1', name: 'cut', target: 'order→kafka' } as const;
        to.after('scenario', 'cut', { ...fault, what: 'landed', seed: '1' });
        to.after('scenario', 'lifted', { ...fault, what: 'lifted', seed: '1' });
        to.moveAfter('lifted', 'cut');
      },
    },
    {
      legal: 'a consumer that is behind on the way',
      edit: (to) => edit(to, 'gauges', { consumer_lag: 40 }, 'metrics.first'),
    },
  ],
);
