import { z } from 'zod';
import { SLO_NAMES } from '../model/slo.ts';

/** What a load run measured: `load.json`, and the field `load` of `sagaproof load --json`. */

const Latency = z
  .strictObject({
    count: z.int().min(0),
    ...{ p50: z.number(), p90: z.number(), p99: z.number() },
    ...{ p999: z.number().optional(), max: z.number() },
  })
  .describe('Milliseconds, from when it was due.');

export const LoadDocumentSchema = z.strictObject({
  model: z.string(),
  claims: z.string(),
  engine: z.literal('built-in'),
  outcome: z
    .enum(['passed', 'failed', 'inconclusive'])
    .describe('`inconclusive`: the machine was starved, or a fault did not land.'),
  why: z.string().optional().describe('Unless it passed.'),
  durationSeconds: z.number().describe('Of the load, without connecting and draining.'),
  sockets: z.int(),
  threads: z.int(),
  latencies: z.partialRecord(
    z.enum(['delivery', 'connect', 'reconnect', 'accept', 'saga']),
    Latency,
  ),
  counts: z.strictObject({
    published: z.int().describe('Updates that this run published.'),
    accepted: z.int().describe('Commands that were answered 202.'),
    finished: z.int().describe('Commands whose final update came.'),
    frames: z.int().describe('Frames that sockets received.'),
    bytes: z.int(),
    ...{ gaps: z.int(), duplicates: z.int(), reorders: z.int(), leaks: z.int() },
    missing: z.int().describe('Sockets that lacked their last updates.'),
    unfinished: z.int(),
    attempts: z.int().describe('Handshakes and commands.'),
    errors: z.int().describe('Of those: refused or broken.'),
    lost: z.int().describe('Sockets that ended unasked.'),
    closedSlow: z.int().describe('Stalled sockets that the tier closed with 4008.'),
  }),
  framesPerSecond: z.number(),
  limits: z.array(
    z.strictObject({
      name: z.enum(SLO_NAMES as [string, ...string[]]),
      limit: z.number(),
      value: z.number().optional().describe('Absent when nothing was measured.'),
      isKept: z.boolean(),
    }),
  ),
  faults: z.array(z.string()),
  search: z
    .strictObject({
      steps: z.array(
        z.strictObject({
          perSecond: z.number(),
          p99Ms: z.number().optional(),
          isKept: z.boolean(),
        }),
      ),
      bestPerSecond: z.number().optional().describe('The highest rate that kept the limits.'),
    })
    .optional(),
  generator: z
    .strictObject({
      lateP99Ms: z.number().optional().describe('How late arrivals were sent.'),
      loopDelayMsMax: z.number().describe('The longest time that a thread was blocked.'),
    })
    .describe('How well the generator kept up: its own delays are in every latency.'),
});
export type LoadDocument = z.infer<typeof LoadDocumentSchema>;
