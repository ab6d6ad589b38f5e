import { z } from 'zod';

/**
 * A load model: what customers do at once, as data. The built-in engine and the k6 scripts play the
 * same ones. Rates are open: an arrival is due at its time, however late the answers before it are.
 */

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const rate = z.number().min(0.01).max(100_000);
const share = z.number().min(0).max(1);

/** Relative numbers of sockets at each level. */
const Levels = z
  .strictObject({
    outcome: z.number().min(0).default(0),
    progress: z.number().min(0).default(0),
    detail: z.number().min(0).default(0),
  })
  .refine(({ outcome, progress, detail }) => outcome + progress + detail > 0, {
    message: 'at least one level needs a share above 0',
  });

const Sockets = z.strictObject({
  users: z.int().min(1).max(20_000).describe('Customers with sockets, each with a token.'),
  perUser: z
    .int()
    .min(1)
    .max(10)
    .default(1)
    .describe('Sockets of each customer: an update is fanned out to all of them.'),
  openedPerSecond: rate.default(100).describe('How fast the sockets are opened.'),
  levels: Levels.default({ outcome: 0, progress: 0, detail: 1 }),
  subscribe: z
    .enum(['all-jobs', 'by-job'])
    .default('all-jobs')
    .describe('One subscription for all jobs, or one for each job of the customer.'),
  slowShare: share
    .default(0)
    .describe('Part of the sockets that stop reading once they have subscribed.'),
});

const Updates = z.strictObject({
  perSecond: rate.describe('Updates published on job.updates, over all customers.'),
  perJob: z.int().min(3).max(1_000).default(20).describe('Updates of a job, the last is final.'),
  payloadBytes: z.int().min(0).max(32_768).default(0).describe('Added to each update.'),
});

const Sagas = z.strictObject({
  perSecond: rate.describe('Orders placed by POST /v1/orders, over all customers.'),
});

const Churn = z.strictObject({
  perSecond: rate.describe('Sockets that end and come back, resuming after what they saw.'),
  cutShare: share.default(0.5).describe('Part that is cut; the others close properly.'),
});

const Search = z.strictObject({
  factor: z.number().min(1.05).max(4).describe('Each step has so many times the rate before it.'),
  stepSeconds: z.number().min(2).max(600),
});

/** What a fault is called on the command line: `kill-websocket-node@30s`, with `+5s` to end it. */
export const FAULT =
  /^(kill|pause|restart|cut|hang|latency|reset)-(.+?)(-node)?@(\d+(?:\.\d+)?)s(?:\+(\d+(?:\.\d+)?)s)?$/;

export const LoadModelSchema = z
  .strictObject({
    name: z.string().regex(NAME, 'must be kebab-case'),
    claims: z.string().min(1).describe('What holds if the run passes, in one sentence.'),
    durationSeconds: z.number().min(1).max(86_400).describe('From the first arrival to the last.'),
    sockets: Sockets,
    updates: Updates.optional(),
    sagas: Sagas.optional(),
    churn: Churn.optional(),
    search: Search.optional().describe('Raises the rate by steps until the SLOs are missed.'),
    faults: z
      .array(
        z
          .string()
          .regex(FAULT, 'must be like kill-websocket-node@30s or latency-order→kafka@10s+5s'),
      )
      .default([])
      .describe('What is taken away meanwhile; times are from the first arrival.'),
    slo: z.string().regex(NAME, 'must be kebab-case').describe('Name of an entry of the SLO file.'),
  })
  .refine(({ updates, sagas }) => updates === undefined || sagas === undefined, {
    message: 'updates are published in place of sagas: give one of the two',
    path: ['updates'],
  })
  .refine(
    ({ search, updates, sagas }) => search === undefined || (updates ?? sagas) !== undefined,
    {
      message: 'a search raises the rate of updates or sagas: give one of the two',
      path: ['search'],
    },
  )
  .readonly();

/** A model, with all defaults filled in. */
export type LoadModel = z.infer<typeof LoadModelSchema>;
/** A model as it is written. */
export type LoadModelInput = z.input<typeof LoadModelSchema>;

const limitMs = z.number().min(0).exactOptional();
const limitCount = z.int().min(0).default(0);

/** Limits that a run has to keep. What must never happen is 0 unless it is said otherwise. */
export const SloSchema = z
  .strictObject({
    deliveryP50Ms: limitMs.describe('From when an update was due to when a socket had it.'),
    deliveryP99Ms: limitMs,
    connectP99Ms: limitMs.describe('From when a socket was due to its handshake.'),
    reconnectP99Ms: limitMs.describe('From the loss of a socket to when it has resumed.'),
    acceptP99Ms: limitMs.describe('From when a command was due to its 202.'),
    sagaP50Ms: limitMs.describe('From when a command was due to the final update.'),
    sagaP99Ms: limitMs,
    gaps: limitCount.describe('Updates that never came before a later one.'),
    duplicates: limitCount,
    reorders: limitCount,
    leaks: limitCount.describe("Frames of another customer's job, or above the level asked for."),
    missing: limitCount.describe('Updates that never came although the last ones were awaited.'),
    unfinished: limitCount.describe('Commands that were accepted and had no final update.'),
    errorShareMax: share
      .default(0)
      .describe('Part of handshakes and commands that may be refused or break.'),
    stalledBacklogKiBMax: z
      .number()
      .min(1)
      .exactOptional()
      .describe('What may wait for one socket that does not read, the kernels’ buffers included.'),
    tierGrowthMiBMax: z
      .number()
      .min(1)
      .exactOptional()
      .describe('How much one node of the tier may grow while the load is on.'),
  })
  .readonly();
export type Slo = z.infer<typeof SloSchema>;
export type SloInput = z.input<typeof SloSchema>;
export type SloName = keyof Slo;

/** The SLO file: one for all engines. */
export const SloFileSchema = z.record(z.string().regex(NAME, 'must be kebab-case'), SloSchema);
