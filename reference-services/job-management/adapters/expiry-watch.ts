import { setInterval as ticks } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { errorCodeOf } from '#kit/errors.ts';
import type { ServiceContext } from '#kit/service.ts';
import type { JobService } from '../app.ts';
import { jobIdOfKey } from './redis-store.ts';

/** How late an end may be noticed when Redis does not tell of it. */
const SWEEP_INTERVAL_MS = LIMITS['job-management'].expiryMs;

const EXPIRED_EVENTS = '__keyevent@*__:expired';

export interface RedisConnections {
  readonly client: Redis;
  /** A connection of its own: one that listens can do nothing else. */
  readonly subscriber: Redis;
}

/**
 * Notices jobs whose time has run out: at once when Redis tells of expired keys, else with the
 * sweep, which also publishes every update that waits.
 */
export function watchExpiry(
  context: ServiceContext,
  jobs: Pick<JobService, 'expire' | 'sweep'>,
  connections: RedisConnections,
): void {
  listen(context, jobs, connections);
  const sweeping = sweep(context, jobs);
  context.onDrain(() => sweeping);
}

function listen(
  context: ServiceContext,
  jobs: Pick<JobService, 'expire'>,
  { client, subscriber }: RedisConnections,
): void {
  subscriber.on('pmessage', (_pattern: string, _channel: string, key: string) => {
    const jobId = jobIdOfKey(key);
    if (jobId === undefined || context.signal.aborted) return;
    jobs.expire(jobId).catch((error: unknown) => {
      context.log.warn({ err: error, jobId }, 'the sweep will report the expiry of a job');
    });
  });
  const tellSweepFinds = (error: unknown) =>
    context.log.warn({ err: error }, 'Redis does not tell of expired keys: the sweep finds them');
  // A server that was restarted has forgotten both; the client subscribes again by itself.
  whenReady(client, () => void turnOn(client).catch(tellSweepFinds));
  whenReady(subscriber, () => void subscriber.psubscribe(EXPIRED_EVENTS).catch(tellSweepFinds));
}

function whenReady(connection: Redis, act: () => void): void {
  connection.on('ready', act);
  if (connection.status === 'ready') act();
}

/** Adds events of expired keys to those that are on. A server may forbid it. */
async function turnOn(client: Redis): Promise<void> {
  const [, flags = ''] = (await client.config('GET', 'notify-keyspace-events')) as string[];
  const hasExpired = flags.includes('x') || flags.includes('A');
  const missing = `${flags.includes('E') ? '' : 'E'}${hasExpired ? '' : 'x'}`;
  if (missing !== '') await client.config('SET', 'notify-keyspace-events', `${flags}${missing}`);
}

async function sweep(context: ServiceContext, jobs: Pick<JobService, 'sweep'>): Promise<void> {
  try {
    for await (const _ of ticks(SWEEP_INTERVAL_MS, undefined, { signal: context.signal })) {
      await jobs.sweep().catch((error: unknown) => {
        const level = errorCodeOf(error) === 'unavailable' ? 'debug' : 'warn';
        context.log[level]({ err: error }, 'a sweep did not finish; the next one goes on');
      });
    }
  } catch (error) {
    if (!context.signal.aborted) throw error;
  }
}
