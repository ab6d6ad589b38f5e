import { describe, expect, it } from 'vitest';
import { Random } from '../../harness/kernel/random.ts';
import { jobIdOf, ownerOf, plannedUpdates, stampOf } from '../model/jobs.ts';
import { readModel, readSlo } from '../model/read-model.ts';
import { Schedule } from '../model/schedule.ts';
import { atArrivals } from './arrivals.ts';
import { newBackoff } from './backoff.ts';
import { JobFollower } from './job-follower.ts';
import { Latencies } from './latencies.ts';
import { LoadDocumentSchema } from './load-document.ts';
import { planFaults } from './load-faults.ts';
import { type Conditions, concluded, measuredOf } from './load-result.ts';
import type { Counts, SocketWork, WorkerSample } from './messages.ts';
import { LoadTally } from './tally.ts';
import type { WorkerPort } from './worker-port.ts';

describe('latencies', () => {
  it('are added up over threads, with percentiles in milliseconds', () => {
    const [one, other, all] = [new Latencies(), new Latencies(), new Latencies()];
    for (let ms = 1; ms <= 50; ms++) one.record('delivery', ms);
    for (let ms = 51; ms <= 100; ms++) other.record('delivery', ms);
    all.add(one.take());
    all.add(other.take());
    const { count, p50, p99, max } = all.summary('delivery') ?? {};
    expect([count, max]).toEqual([100, expect.closeTo(100, -1)]);
    expect(p50).toBeCloseTo(50, -1);
    expect(p99).toBeCloseTo(99, -1);
    expect(all.summary('saga')).toBeUndefined();
    expect(one.take()).toEqual({});
  });
});

describe('arrivals', () => {
  it('that became due while the thread was busy are done at once, with their own times', async () => {
    const schedule = new Schedule([{ perSecond: 1_000, seconds: 1 }]);
    const due: number[] = [];
    // It began two seconds ago: all is due.
    const startMs = performance.timeOrigin + performance.now() - 2_000;
    const signal = new AbortController().signal;
    await atArrivals(schedule, startMs, (_n, dueMs) => due.push(dueMs - startMs), signal);
    expect(due).toHaveLength(1_000);
    expect(due[10]).toBeCloseTo(10);
  });

  it('end when they are stopped', async () => {
    const stop = new AbortController();
    const schedule = new Schedule([{ perSecond: 100, seconds: 60 }]);
    let count = 0;
    const act = () => {
      count += 1;
      stop.abort();
    };
    await atArrivals(schedule, performance.timeOrigin + performance.now(), act, stop.signal);
    expect(count).toBe(1);
  });
});

it('clients that were lost come back at times that spread out, up to a bound', () => {
  const backoff = newBackoff(() => 0.999);
  const waits = Array.from({ length: 8 }, () => Math.round(backoff.next()));
  expect(waits.slice(0, 4)).toEqual([100, 200, 400, 799]);
  expect(Math.max(...waits)).toBeLessThanOrEqual(5_000);
  backoff.reset();
  expect(Math.round(backoff.next())).toBe(100);
});

describe('a fault of a load', () => {
  const book = {
    services: {
      websocket: { instances: [{ id: 'websocket-1' }, { id: 'websocket-2' }] },
    },
    links: [{ name: 'order→kafka' }],
    providers: { kafka: {} },
  } as never;
  const plan = (text: string) => planFaults([text], book, new Random('seed', 'load'))[0];

  it('names a node of a service, a server or a link', () => {
    expect(plan('kill-websocket-node@30s')).toMatchObject({
      name: 'kill',
      target: expect.stringMatching(/^websocket-[12]$/),
      atMs: 30_000,
      forMs: 5_000,
    });
    expect(plan('restart-kafka@1.5s')).toMatchObject({ target: 'kafka', atMs: 1_500 });
    expect(plan('latency-order->kafka@5s+10s')).toMatchObject({
      ...{ target: 'order→kafka', forMs: 10_000 },
    });
  });

  it('is refused when the stack has no such target', () => {
    expect(() => plan('kill-billing-node@3s')).toThrow('the stack has no billing');
    expect(() => plan('explode@3s')).toThrow('is no fault');
  });
});

describe('what a socket follows', () => {
  const TAG = '0badcafe';
  const model = readModel('unicast-by-job');
  const follower = (level: 'detail' | 'outcome' = 'detail', subscribe = 'by-job') => {
    const counted: string[] = [];
    const port = { count: (name: string) => counted.push(name), time: () => undefined };
    const sockets = { ...model.sockets, subscribe };
    const work = { model: { ...model, sockets }, runTag: TAG } as unknown as SocketWork;
    const customer = { user: 3, userId: 'u', token: 't' };
    const options = {
      work,
      customer,
      level,
      isSlow: false,
      onFinal: () => undefined,
      openJobs: () => ['order-1'],
    };
    const isOwn = (user: number, jobId: string) => ownerOf(TAG, jobId) === user;
    const jobs = new JobFollower({ ...options, isOwn, port: port as unknown as WorkerPort });
    return { jobs, counted };
  };
  const frameOf = (user: number, job: number, sequence: number, perJob = 10) => {
    const update = plannedUpdates(perJob)[sequence - 1];
    if (update === undefined) throw new Error('no such update');
    const { kind, level, previous } = update;
    const jobId = jobIdOf(TAG, user, job);
    const about = { type: 'update', jobId, sequence, kind, level, detail: stampOf(1, '') };
    return { ...about, previousSequence: previous.detail };
  };

  it('goes on with the next job when one has ended', () => {
    const { jobs, counted } = follower();
    expect(jobs.connected()).toMatchObject([{ type: 'subscribe', jobId: jobIdOf(TAG, 3, 0) }]);
    for (let sequence = 1; sequence < 10; sequence++) {
      expect(jobs.update(frameOf(3, 0, sequence), 2)).toEqual([]);
    }
    expect(jobs.update(frameOf(3, 0, 10), 2)).toMatchObject([
      { type: 'unsubscribe', jobId: jobIdOf(TAG, 3, 0) },
      { type: 'subscribe', jobId: jobIdOf(TAG, 3, 1), afterSequence: 0 },
    ]);
    expect(counted).toEqual([]);
    expect([jobs.isMissing(10), jobs.isMissing(11)]).toEqual([false, true]);
  });

  it('resumes after what it saw when it was lost', () => {
    const { jobs } = follower();
    jobs.connected();
    jobs.update(frameOf(3, 0, 1), 2);
    expect(jobs.connected()).toMatchObject([
      { type: 'resume', positions: { [jobIdOf(TAG, 3, 0)]: 1 } },
    ]);
  });

  it('resumes the jobs of its orders, which may have begun while it was away', () => {
    const { jobs } = follower('detail', 'all-jobs');
    expect(jobs.connected()).toMatchObject([{ type: 'subscribe' }]);
    expect(jobs.connected()).toMatchObject([
      { type: 'resume', positions: { 'order-1': 0 } },
      { type: 'subscribe' },
    ]);
    expect(jobs.accepted('order-2', 0)).toMatchObject([{ jobId: 'order-2', afterSequence: 0 }]);
    expect(jobs.accepted('order-2', 0)).toEqual([]);
    expect(jobs.accepted('order-3', Number.POSITIVE_INFINITY)).toEqual([]);
  });

  it('counts a gap, a duplicate and a frame of another customer', () => {
    const { jobs, counted } = follower('detail', 'all-jobs');
    jobs.connected();
    for (const sequence of [1, 3, 3]) jobs.update(frameOf(3, 0, sequence), 2);
    jobs.update(frameOf(4, 0, 1), 2);
    expect(counted).toEqual(['gap', 'duplicate', 'leak']);
  });

  it('notices the first update of a job that is lost, when it subscribed before', () => {
    const { jobs, counted } = follower('detail', 'all-jobs');
    jobs.connected();
    jobs.update(frameOf(3, 0, 2), 2);
    expect(counted).toEqual(['gap']);
  });
});

describe('the result of a load', () => {
  const model = readModel('fan-out');
  const slo = readSlo('delivery');
  const calm: Conditions = {
    ...{ scenario: 'load-fan-out', threads: 1, beganMs: 0, endedMs: 10_000, notReady: 0 },
    ...{ notLanded: [], starved: undefined, growthMiB: undefined },
  };
  const conclude = (
    given: {
      readonly ms?: number;
      readonly lateMs?: number;
      readonly counts?: Partial<Counts>;
      readonly missing?: number;
      readonly isStopped?: boolean;
    },
    conditions: Partial<Conditions> = {},
  ) => {
    const tally = new LoadTally();
    const latencies = new Latencies();
    if (given.ms !== undefined) latencies.record('delivery', given.ms);
    if (given.lateMs !== undefined) latencies.record('late', given.lateMs);
    const sample: WorkerSample = {
      ...{ counts: given.counts ?? {}, latencies: latencies.take() },
      ...{ openSockets: 1, readySockets: 1, loopDelayMs: 1 },
    };
    tally.add(sample);
    const { missing = 0, isStopped = true } = given;
    const rest = { missing, unfinished: 0, isStopped };
    const all = { ...calm, ...conditions };
    const measured = measuredOf(tally, rest, all);
    return concluded({ model, slo, measured, rest, conditions: all }, tally);
  };

  it('passes when all limits are kept, and has the form of its schema', () => {
    const document = conclude({ ms: 5 });
    expect(document.outcome).toBe('passed');
    expect(LoadDocumentSchema.safeParse(document).error).toBeUndefined();
  });

  it.each(['gap', 'duplicate', 'reorder', 'leak'] as const)(
    'fails for one %s, also on a starved machine',
    (name) => {
      const starved = { starved: 'the machine was starved' };
      expect(conclude({ ms: 5, counts: { [name]: 1 } }, starved).outcome).toBe('failed');
    },
  );

  it('fails for a latency above its limit, unless the machine was starved', () => {
    expect(conclude({ ms: 900 })).toMatchObject({
      outcome: 'failed',
      why: expect.stringContaining('deliveryP99Ms is 9'),
    });
    const starved = conclude({ ms: 900 }, { starved: 'the machine was starved' });
    expect(starved).toMatchObject({
      outcome: 'inconclusive',
      why: expect.stringContaining('starved'),
    });
  });

  it('blames no system for a generator that was late itself', () => {
    expect(conclude({ ms: 900, lateMs: 600 })).toMatchObject({
      outcome: 'inconclusive',
      why: expect.stringContaining('the load generator was late'),
    });
    expect(conclude({ ms: 900, lateMs: 20 }).outcome).toBe('failed');
  });

  it('proves nothing without an observation, or when a fault did not land', () => {
    expect(conclude({}).outcome).toBe('inconclusive');
    expect(conclude({ ms: 5, isStopped: false }).outcome).toBe('inconclusive');
    expect(conclude({ ms: 5 }, { notLanded: ['kill did not land'] }).outcome).toBe('inconclusive');
  });

  it('fails when sockets lack their last updates', () => {
    expect(conclude({ ms: 5, missing: 1 }).outcome).toBe('failed');
  });
});
