import { z } from 'zod';
import { count, duration, eventKind, numberRecord } from './event-kind.ts';

/** Measurements that were taken at intervals while a run was under way. */

const Latency = z.object({
  count,
  p50: duration,
  p90: duration,
  p99: duration,
  p999: duration.exactOptional(),
  max: duration,
});

/** Part of a histogram; parts with the same bounds are added up. */
const Histogram = z.object({
  upToMs: z.array(duration).describe('Upper bounds, ascending; the last bucket has none.'),
  counts: z.array(count).describe('One more than bounds.'),
});

/** What one workload did in one interval. */
export const LoadSample = eventKind('load-sample', {
  workload: z.string(),
  startMs: z.number(),
  endMs: z.number(),
  sent: count,
  received: count,
  lost: count.describe('Sent, and certain not to arrive any more.'),
  duplicated: count,
  reordered: count,
  leaked: count
    .exactOptional()
    .describe("Frames of another user's job, or above the level that was asked for."),
  sockets: count.exactOptional().describe('Open at the end of the interval.'),
  errors: count.exactOptional(),
  isTotal: z.literal(true).exactOptional().describe('Of the whole workload: the last of its kind.'),
  latencyMs: Latency.exactOptional().describe('From when a request was due, not when it left.'),
  histogram: Histogram.exactOptional(),
});

/**
 * Jobs that the load generator plays itself: it publishes their updates in place of a saga, so that
 * no command and no order belongs to them.
 */
export const LoadJobs = eventKind('load-jobs', {
  workload: z.string(),
  jobs: z.array(z.object({ jobId: z.string(), userId: z.string() })).readonly(),
});

/** How a load run kept its limits. */
export const LoadResult = eventKind('load-result', {
  workload: z.string(),
  claims: z.string(),
  limits: z
    .array(
      z.object({
        name: z.string().describe('As in the SLO file.'),
        limit: z.number(),
        value: z.number().exactOptional().describe('Absent when nothing was measured.'),
        isKept: z.boolean(),
      }),
    )
    .readonly(),
});

/** What one process used, and how well it kept up, in one interval. */
export const ResourceSample = eventKind('resource-sample', {
  of: z
    .enum(['harness', 'service', 'infrastructure'])
    .describe('`harness`: what was measured may be our own delay.'),
  instance: z.string().describe('Such as `inventory-1`, or the name of a harness process.'),
  periodMs: duration.describe('How long the interval was.'),
  cpuCores: duration.exactOptional().describe('CPU time over wall time: 1 is one busy core.'),
  rssBytes: count.exactOptional(),
  heapUsedBytes: count.exactOptional(),
  handles: count.exactOptional().describe('Open files, sockets and timers.'),
  eventLoopDelayMs: z
    .object({ mean: duration, p99: duration, max: duration })
    .exactOptional()
    .describe('Node processes only.'),
  heartbeatGapMs: duration.exactOptional().describe('The longest time without a heartbeat.'),
  cpuSlowdown: duration
    .exactOptional()
    .describe('CPU time and time spent waiting for a CPU, over CPU time: 1 is an idle machine.'),
  cpuShare: z.number().min(0).exactOptional().describe('CPU time over that of all CPUs.'),
  consumerLag: count.exactOptional().describe('Records that its consumer groups had not read.'),
});

/** What an instance answered when it was asked how it is. One event for each change. */
export const HealthSeen = eventKind('health', {
  instance: z.string(),
  probe: z.enum(['livez', 'readyz']).describe('The path on its port `admin`.'),
  outcome: z
    .enum(['ok', 'failing', 'no-answer'])
    .describe('`failing`: another status than 2xx. It lasts until the next event of the probe.'),
  status: z.number().exactOptional(),
  detail: z.string().exactOptional().describe('With `failing`: the beginning of the body.'),
  beforeMs: z
    .number()
    .exactOptional()
    .describe('When the outcome before was seen last: observations that came late do not count.'),
  isLast: z.literal(true).exactOptional().describe('Not a change: the state when the run ended.'),
});

/** What an instance showed on its page of metrics. */
export const MetricsSeen = eventKind('metrics', {
  instance: z.string(),
  counters: numberRecord.describe('By name and labels, as the page writes them.'),
  gauges: numberRecord,
  histograms: z
    .record(
      z.string(),
      z.object({
        upTo: z.array(z.string()).readonly().describe('Bounds of the buckets, in their order.'),
        buckets: z.array(z.number()).readonly().describe('Observations up to each bound.'),
        count: z.number(),
        sum: z.number(),
      }),
    )
    .readonly(),
  left: count.exactOptional().describe('Series that were left out, because there were too many.'),
}).describe("One reading of an instance's `/metrics`, without what its runtime adds.");
