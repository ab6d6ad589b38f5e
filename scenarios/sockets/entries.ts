import { Redis } from 'ioredis';
import type { World } from '../../harness/scenario/world.ts';

/** What the websocket service keeps of one socket. */
export interface SocketEntry {
  readonly id: string;
  /** Milliseconds that are left of it; null when it has no end. */
  readonly ttlMs: number | null;
}

const SCAN_COUNT = 1_000;
const SOCKET_KEY = /^ws:socket:\{([^}]+)\}$/;
/** Redis answers -1 for a key without an expiry, -2 for one that is gone. */
const NO_EXPIRY = -1;
const GONE = -2;

/** A user's sockets in Redis; undefined if the service has another key layout. */
export async function socketEntries(
  { book }: World,
  userId: string,
): Promise<readonly SocketEntry[] | undefined> {
  if (book.services['websocket']?.absentFeatures.includes('redis-layout')) return undefined;
  const redis = new Redis(book.redis.url);
  const found = new Map<string, SocketEntry>();
  try {
    for await (const page of redis.scanStream({ match: 'ws:socket:{*}', count: SCAN_COUNT })) {
      for (const key of page as string[]) {
        const id = SOCKET_KEY.exec(key)?.[1];
        if (id === undefined || (await redis.hget(key, 'userId')) !== userId) continue;
        const ttlMs = await redis.pttl(key);
        if (ttlMs !== GONE) found.set(id, { id, ttlMs: ttlMs === NO_EXPIRY ? null : ttlMs });
      }
    }
  } finally {
    redis.disconnect();
  }
  return [...found.values()];
}
