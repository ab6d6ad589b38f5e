import { z } from 'zod';
import { count, duration, eventKind } from './event-kind.ts';

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
  errors: count.exactOptional(),
  latencyMs: Latency.exactOptional().describe('From when a request was due, not when it left.'),
  histogram: Histogram.exactOptional(),
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
  consumerLag: count.exactOptional().describe('Records that its consumer groups had not read.'),
});
