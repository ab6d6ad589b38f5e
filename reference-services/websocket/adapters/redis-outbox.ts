import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { defineScript } from '#kit/redis.ts';
import type { ConnectionEvent } from '../domain.ts';
import type { ConnectionOutbox } from '../ports.ts';
import { keys } from './redis-keys.ts';
import { CLAIM, RELEASE, SETTLE } from './redis-scripts.ts';

/** How long one may take to publish before another tries; longer than a publish may take. */
const PUBLISH_RIGHT_MS = 6_000;
/** Events that are published in one go. */
const EVENTS_MAX = 200;

/** Connection events that wait in Redis; one node publishes them at a time. */
export function redisConnectionOutbox(client: Redis): ConnectionOutbox {
  const claim = defineScript(client, 'wsClaim', CLAIM, 2);
  const settle = defineScript(client, 'wsSettle', SETTLE, 2);
  const release = defineScript(client, 'wsRelease', RELEASE, 1);
  const both = [keys.outbox, keys.publisher];
  const read = (texts: unknown) =>
    (texts as string[]).map((text) => JSON.parse(text) as ConnectionEvent);
  return {
    async claim() {
      const token = randomUUID();
      const events = read(await claim(both, [token, PUBLISH_RIGHT_MS, EVENTS_MAX]));
      return events.length === 0 ? undefined : { token, events };
    },
    async settle(token, count) {
      return read(await settle(both, [token, PUBLISH_RIGHT_MS, EVENTS_MAX, count]));
    },
    async release(token) {
      await release([keys.publisher], [token]);
    },
  };
}
