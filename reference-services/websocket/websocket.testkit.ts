import { once } from 'node:events';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { websocketMessageCheck } from '#contracts/spec/asyncapi.ts';
import { testContext } from '#kit/context.testkit.ts';
import { OperationalError } from '#kit/errors.ts';
import type { TestRedis } from '#kit/redis.testkit.ts';
import { redisClient } from '#kit/redis.ts';
import type { OwnedContext } from '#kit/service.ts';
import { listenForHints, redisUpdateLog } from './adapters/redis-log.ts';
import { redisConnectionOutbox } from './adapters/redis-outbox.ts';
import { redisRegistry } from './adapters/redis-registry.ts';
import { repeat } from './adapters/rounds.ts';
import { UpdateNode } from './app.ts';
import { ConnectionReports } from './app-connections.ts';
import type { ConnectionEvent, JobUpdate } from './domain.ts';
import type { UpdateLog } from './ports.ts';
import { serveUpdates } from './server.ts';
import type { SocketLimits } from './server-socket.ts';

const FRAME_DEADLINE_MS = 4_000;
/** Appends without a socket of its own: every hint goes by the network. */
const APPENDER = 'appender';
export const ORIGIN = 'https://shop.example';

export interface TestNode {
  readonly context: OwnedContext;
  readonly node: UpdateNode;
  readonly log: UpdateLog;
  readonly port: number;
}

export interface NodeOptions {
  readonly limits?: Partial<SocketLimits>;
  readonly socketsPerUserMax?: number;
  /** False: no hint ever reaches the node. */
  readonly receivesHints?: boolean;
  /** Between two comparisons with the log. */
  readonly compareMs?: number;
  readonly keepAliveMs?: number;
  /** Tokens are `<user>` or `<user> <ms they live>`. */
  readonly authenticate?: (token: string) => Promise<{ userId: string; expiresAtMs: number }>;
}

const authenticate = async (token: string) => {
  const [userId = '', livesMs = '60000'] = token.split('~');
  if (userId === 'expired') throw new OperationalError('token-expired');
  if (userId === 'stranger') throw new OperationalError('unauthenticated');
  if (userId === 'down') throw new OperationalError('unavailable');
  return { userId, expiresAtMs: Date.now() + Number(livesMs) };
};

/** A node as main.ts builds it, on a real Redis and without Kafka. */
export async function startNode(
  redis: TestRedis,
  name: string,
  reported: ConnectionEvent[],
  options: NodeOptions = {},
): Promise<TestNode> {
  const context = testContext(name);
  const client = await redisClient(context, redis.url);
  const subscriber = await redisClient(context, redis.url, { name: 'redis hints' });
  const log = redisUpdateLog(client, { nodeId: APPENDER, logTtlMs: 60_000 });
  await log.markIntact();
  const registry = redisRegistry(client, { socketsPerUserMax: options.socketsPerUserMax ?? 10 });
  const { clock, ids } = context;
  const onFailure = () => undefined;
  const node = new UpdateNode({ nodeId: name, registry, log, clock, ids, onFailure });
  const publisher = {
    publish: async (events: readonly ConnectionEvent[]) => void reported.push(...events),
  };
  const reports = new ConnectionReports({ outbox: redisConnectionOutbox(client), publisher });
  context.onDrain(() => reports.flush());
  if (options.receivesHints !== false) {
    listenForHints(subscriber, name, (hint) => node.offer(hint), onFailure);
  }
  repeat(context, 'compare', options.compareMs ?? 100, () => node.compare());
  repeat(context, 'keep alive', options.keepAliveMs ?? 1_000, () => node.keepAlive());
  repeat(context, 'report', 50, () => reports.flush());
  const limits = {
    sendBytesMax: 1_048_576,
    sendFramesMax: 1_000,
    heartbeatMs: 10_000,
    closeTimeoutMs: 2_000,
  };
  const port = await serveUpdates(context, {
    port: 0,
    node,
    authenticator: { authenticate: options.authenticate ?? authenticate },
    allowedOrigins: new Set([ORIGIN]),
    limits: { ...limits, ...options.limits },
  });
  return { context, node, log, port };
}

type AnyFrame = Record<string, unknown> & { readonly type: string };
const check = websocketMessageCheck('websocketSends');

/** A client that checks every frame against the AsyncAPI document. */
export class TestClient {
  readonly frames: AnyFrame[] = [];
  readonly ws: WebSocket;
  readonly closed: Promise<number>;

  constructor(port: number, token = 'user-1') {
    this.ws = new WebSocket(`ws://127.0.0.1:${port}/v1/updates`, 'sagaproof.v1', {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
    });
    this.ws.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.ws.once('close', resolve));
    this.ws.on('message', (data) => {
      const frame = JSON.parse(data.toString()) as AnyFrame;
      expect(check(frame)).toEqual({ ok: true });
      this.frames.push(frame);
    });
  }

  static async open(port: number, token?: string): Promise<TestClient> {
    const client = new TestClient(port, token);
    await once(client.ws, 'open');
    return client;
  }

  send(message: unknown): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Sends, and waits for the frame that answers. */
  async ask(message: { readonly requestId: string; readonly [field: string]: unknown }) {
    this.send(message);
    return this.frame(
      `the answer to ${message.requestId}`,
      (frame) => frame['requestId'] === message.requestId,
    );
  }

  async subscribe(jobId: string | undefined, level = 'detail', afterSequence?: number) {
    const requestId = `${jobId ?? 'all'}-${this.frames.length}`;
    return this.ask({ type: 'subscribe', requestId, jobId, level, afterSequence });
  }

  async frame(what: string, test: (frame: AnyFrame) => boolean): Promise<AnyFrame> {
    await expect
      .poll(() => this.frames.some(test), {
        timeout: FRAME_DEADLINE_MS,
        interval: 5,
        message: what,
      })
      .toBe(true);
    return this.frames.find(test) as AnyFrame;
  }

  /** Sequence numbers of a job's updates, as they came. */
  sequences(jobId: string): unknown[] {
    return this.frames
      .filter(({ type }) => type === 'update' || type === 'expired')
      .filter((frame) => frame['jobId'] === jobId)
      .map((frame) => frame['sequence']);
  }

  /** Waits until a job's updates are these, and stays so for a moment: nothing comes twice. */
  async expectSequences(jobId: string, sequences: readonly number[]): Promise<void> {
    await expect
      .poll(() => this.sequences(jobId), { timeout: FRAME_DEADLINE_MS, interval: 5 })
      .toEqual(sequences);
    // A round trip behind everything that was sent.
    await this.ask({ type: 'ping', requestId: `fence-${this.frames.length}` });
    expect(this.sequences(jobId)).toEqual(sequences);
  }
}

/** Appends updates one after another. */
export async function append(log: UpdateLog, updates: readonly JobUpdate[]): Promise<void> {
  for (const update of updates) await log.append([{ update, traceparent: null }]);
}

/** What Redis has of sockets, besides when the log began, and tombstones that end by themselves. */
export async function leftovers({ client }: Pick<TestRedis, 'client'>): Promise<string[]> {
  for (const key of await client.keys('ws:gone:*')) {
    if ((await client.pttl(key)) <= 0) throw new Error(`${key} does not end by itself`);
  }
  return client.keys('ws:[^gi]*');
}

/** What is reported of a socket that connected and was closed by its client. */
export const WENT = [
  ['CONNECTED', null],
  ['DISCONNECTED', 1000],
];
