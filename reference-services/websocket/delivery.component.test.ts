import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestRedis, type TestRedis } from '#kit/redis.testkit.ts';
import { UpdateLogging } from './app-logging.ts';
import { jobOf, updatesOf } from './domain.testkit.ts';
import type { ConnectionEvent, LogEntry } from './domain.ts';
import {
  append,
  type NodeOptions,
  startNode,
  TestClient,
  type TestNode,
} from './websocket.testkit.ts';

let redis: TestRedis;
let nodes: TestNode[] = [];
const reported: ConnectionEvent[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  reported.length = 0;
});
afterEach(async () => {
  await Promise.all(nodes.map(({ context }) => context.end()));
  nodes = [];
});
afterAll(async () => {
  await redis?.[Symbol.asyncDispose]();
});

async function start(options?: NodeOptions): Promise<TestNode> {
  const node = await startNode(redis, `websocket-${nodes.length + 1}`, reported, options);
  nodes.push(node);
  return node;
}

const JOB = jobOf('job');
const SAGA = updatesOf('job', ['PROGRESS', 'DETAIL', 'PROGRESS', 'OUTCOME']);
/** Longer than any test: nothing but hints. */
const NEVER_MS = 600_000;

describe('a subscription to a job', () => {
  it.each([
    ['outcome', [4]],
    ['progress', [1, 3, 4]],
    ['detail', [1, 2, 3, 4]],
  ])('at level %s sees what is its own, replayed and live', async (level, sequences) => {
    const { port, log } = await start({ compareMs: NEVER_MS });
    await append(log, SAGA.slice(0, 2));
    const client = await TestClient.open(port);
    const answer = await client.subscribe(JOB, level);
    expect(answer).toMatchObject({ type: 'subscribed', jobId: JOB, level, afterSequence: 0 });
    await append(log, SAGA.slice(2));
    await client.expectSequences(JOB, sequences);
    const previous = client.frames
      .filter(({ type }) => type === 'update')
      .map((frame) => frame['previousSequence']);
    expect(previous).toEqual([0, ...sequences.slice(0, -1)]);
  });

  it('waits for a job that is not known yet', async () => {
    const { port, log } = await start({ compareMs: NEVER_MS });
    const client = await TestClient.open(port);
    await client.subscribe(JOB);
    await append(log, SAGA);
    await client.expectSequences(JOB, [1, 2, 3, 4]);
  });

  it('goes on after what was seen, also for several jobs at once', async () => {
    const { port, log } = await start();
    const other = updatesOf('other', ['PROGRESS', 'PROGRESS', 'OUTCOME']);
    await append(log, [...SAGA, ...other]);
    const client = await TestClient.open(port);
    const positions = { [JOB]: 2, [jobOf('other')]: 3 };
    await client.ask({ type: 'resume', requestId: 'r', level: 'detail', positions });
    await client.expectSequences(JOB, [3, 4]);
    expect(client.sequences(jobOf('other'))).toEqual([]);
  });

  it('sees nothing of a duplicate', async () => {
    const { port, log } = await start();
    const client = await TestClient.open(port);
    await client.subscribe(JOB);
    for (const update of SAGA) await append(log, [update, update, ...SAGA.slice(0, 1)]);
    await client.expectSequences(JOB, [1, 2, 3, 4]);
  });

  it('sees what no hint announced', async () => {
    const { port, log } = await start({ receivesHints: false });
    const client = await TestClient.open(port);
    await client.subscribe(JOB, 'progress');
    await append(log, SAGA);
    await client.expectSequences(JOB, [1, 3, 4]);
  });

  it('sees what a lost hint left out before what the next hint brings', async () => {
    const { port, log, node } = await start({ receivesHints: false, compareMs: NEVER_MS });
    const client = await TestClient.open(port);
    await client.subscribe(JOB);
    await append(log, SAGA);
    const last = SAGA.at(-1);
    if (last === undefined) throw new Error('the saga is empty');
    const entry = { update: last, traceparent: null };
    node.offer({ id: '2-0', previousId: '1-0', entry });
    await client.expectSequences(JOB, [1, 2, 3, 4]);
  });

  it('ends with an unsubscribe', async () => {
    const { port, log } = await start();
    const client = await TestClient.open(port);
    await client.subscribe(JOB);
    await append(log, SAGA.slice(0, 1));
    await client.expectSequences(JOB, [1]);
    const answer = await client.ask({ type: 'unsubscribe', requestId: 'u', jobId: JOB });
    expect(answer).toMatchObject({ type: 'unsubscribed', jobId: JOB });
    await append(log, SAGA.slice(1));
    await client.expectSequences(JOB, [1]);
  });

  it('is notified of an expiry', async () => {
    const { port, log } = await start();
    const client = await TestClient.open(port);
    await client.subscribe(JOB, 'outcome');
    const [first, second] = updatesOf('job', ['PROGRESS', 'OUTCOME']);
    if (first === undefined || second === undefined) throw new Error('there are two');
    await append(log, [first, { ...second, kind: 'EXPIRED', state: 'RUNNING' }]);
    const frame = await client.frame('the expiry', ({ type }) => type === 'expired');
    expect(frame).toMatchObject({ jobId: JOB, sequence: 2, previousSequence: 0, state: 'RUNNING' });
  });
});

describe('a log that was lost', () => {
  it('is made again from what was published, and sockets go on where they were', async () => {
    const { port, log } = await start();
    const early = await TestClient.open(port);
    await early.subscribe(JOB);
    await append(log, SAGA.slice(0, 2));
    await early.expectSequences(JOB, [1, 2]);
    await redis.client.flushall();
    const published = SAGA.slice(0, 3);
    const replay = async (take: (entry: LogEntry) => Promise<void>) => {
      for (const update of published) await take({ update, traceparent: null });
    };
    const logging = new UpdateLogging({ log, history: { replay }, offer: () => undefined });
    const [last] = SAGA.slice(3);
    if (last === undefined) throw new Error('the saga is too short');
    expect(await logging.add([{ update: last, traceparent: null }])).toEqual(['appended']);
    await early.expectSequences(JOB, [1, 2, 3, 4]);
    const late = await TestClient.open(port);
    await late.subscribe(JOB);
    await late.expectSequences(JOB, [1, 2, 3, 4]);
  });
});

describe('what is another user’s', () => {
  it('is refused at once when the job is known', async () => {
    const { port, log } = await start();
    await append(log, SAGA);
    const client = await TestClient.open(port, 'user-2');
    const answer = await client.subscribe(JOB);
    expect(answer).toMatchObject({ type: 'error', code: 'job-not-found', jobId: JOB });
    await client.expectSequences(JOB, []);
  });

  it('is refused as soon as the job is known', async () => {
    const { port, log } = await start();
    const client = await TestClient.open(port, 'user-2');
    await client.subscribe(JOB);
    await append(log, SAGA);
    await client.frame('the refusal', ({ code }) => code === 'job-not-found');
    await client.expectSequences(JOB, []);
    const fields = await redis.client.hkeys(
      (await redis.client.keys('ws:socket:*:subscriptions'))[0] ?? 'none',
    );
    expect(fields).toEqual([]);
  });

  it('is not among all jobs', async () => {
    const { port, log } = await start();
    const client = await TestClient.open(port, 'user-2');
    await client.subscribe(undefined);
    await append(log, SAGA);
    await append(log, updatesOf('mine', ['PROGRESS'], 'user-2'));
    await client.expectSequences(jobOf('mine'), [1]);
    expect(client.sequences(JOB)).toEqual([]);
  });
});

describe('a subscription to all jobs', () => {
  it('sees every job from now on, and nothing from before', async () => {
    const { port, log } = await start({ compareMs: NEVER_MS });
    await append(log, SAGA.slice(0, 2));
    const client = await TestClient.open(port);
    const answer = await client.subscribe(undefined, 'progress');
    expect(answer).toMatchObject({ type: 'subscribed', jobId: null });
    await append(log, [...SAGA.slice(2), ...updatesOf('other', ['PROGRESS', 'OUTCOME'])]);
    await client.expectSequences(JOB, [3, 4]);
    await client.expectSequences(jobOf('other'), [1, 2]);
  });

  it('sees what no hint announced', async () => {
    const { port, log } = await start({ receivesHints: false });
    const client = await TestClient.open(port);
    await client.subscribe(undefined);
    await append(log, SAGA);
    await client.expectSequences(JOB, [1, 2, 3, 4]);
  });

  it('leaves a job to the subscription of its own, and sends nothing twice', async () => {
    const { port, log } = await start();
    const client = await TestClient.open(port);
    await client.subscribe(undefined);
    await client.subscribe(JOB, 'outcome');
    await append(log, SAGA.slice(0, 3));
    await client.expectSequences(JOB, []);
    await append(log, SAGA.slice(3));
    await client.expectSequences(JOB, [4]);
    await client.ask({ type: 'unsubscribe', requestId: 'u', jobId: JOB });
    await client.expectSequences(JOB, [4]);
  });
});

describe('two nodes', () => {
  it('serve one user, whichever of them logs the update', async () => {
    const [first, second] = [
      await start({ compareMs: NEVER_MS }),
      await start({ compareMs: NEVER_MS }),
    ];
    const clients = [await TestClient.open(first.port), await TestClient.open(second.port)];
    await Promise.all(clients.map((client) => client.subscribe(JOB)));
    await append(first.log, SAGA.slice(0, 2));
    await append(second.log, SAGA.slice(2));
    await Promise.all(clients.map((client) => client.expectSequences(JOB, [1, 2, 3, 4])));
  });

  it('let a client resume at the other without gap or duplicate, while updates go on', async () => {
    const [first, second] = [await start(), await start()];
    const levels = Array.from({ length: 60 }, () => 'PROGRESS' as const);
    const many = updatesOf('job', levels);
    const logging = append(first.log, many);
    const seen: unknown[] = [];
    for (let round = 0; seen.length < many.length; round += 1) {
      const client = await TestClient.open(round % 2 === 0 ? first.port : second.port);
      await client.subscribe(JOB, 'progress', seen.length);
      await expect
        .poll(() => client.sequences(JOB).length, { timeout: 4_000, interval: 1 })
        .toBeGreaterThan(0);
      client.ws.terminate();
      await client.closed;
      seen.push(...client.sequences(JOB));
    }
    await logging;
    expect(seen).toEqual(many.map((update) => update.sequence));
  });
});
