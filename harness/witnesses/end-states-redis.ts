import { Redis } from 'ioredis';
import type { EndStates } from '../history/end-state.ts';
import { type RecordEvent, snapshot } from './witness.ts';

const SCAN_COUNT = 1_000;
const COMMAND_TIMEOUT_MS = 5_000;

const JOB_KEY = /^job:\{([^}]+)\}$/;
const SOCKET_KEY = /^ws:socket:\{([^}]+)\}$/;

/** Redis answers -1 for a key without an expiry, -2 for one that is gone. */
const NO_EXPIRY = -1;
const GONE = -2;

export const redis = snapshot('redis', 'redis', ({ book, beganMs, record }) =>
  recordRedis(book.redis.url, beganMs, record),
);

/** Records the jobs that were issued since the run began, and all sockets. */
export async function recordRedis(
  url: string,
  beganMs: number,
  record: RecordEvent,
): Promise<number> {
  const client = new Redis(url, { commandTimeout: COMMAND_TIMEOUT_MS, maxRetriesPerRequest: 2 });
  try {
    const jobs = await eachHash(client, 'job:{*}', JOB_KEY, (jobId, fields, ttlMs) => {
      if (Number(fields['issuedAt'] ?? beganMs) < beganMs) return false;
      const value: EndStates['job'] = {
        userId: fields['userId'] ?? '',
        orderId: fields['orderId'] ?? '',
        state: fields['state'] ?? '',
        sequence: Number(fields['sequence'] ?? 0),
        ttlMs,
      };
      record({ ...ABOUT_JOB, key: jobId, value: { ...value } });
      return true;
    });
    const sockets = await eachHash(client, 'ws:socket:{*}', SOCKET_KEY, (id, fields, ttlMs) => {
      const value: EndStates['ws-socket'] = {
        userId: fields['userId'] ?? '',
        node: fields['nodeId'] ?? '',
        ttlMs,
      };
      record({ ...ABOUT_SOCKET, key: id, value: { ...value } });
      return true;
    });
    return jobs + sockets;
  } finally {
    client.disconnect();
  }
}

const ABOUT_JOB = {
  type: 'state',
  source: 'redis',
  kind: 'job',
  service: 'job-management',
} as const;
const ABOUT_SOCKET = {
  type: 'state',
  source: 'redis',
  kind: 'ws-socket',
  service: 'websocket',
} as const;

/** Passes each hash under a pattern once; resolves with how many were taken. */
async function eachHash(
  client: Redis,
  pattern: string,
  key: RegExp,
  take: (id: string, fields: Readonly<Record<string, string>>, ttlMs: number | null) => boolean,
): Promise<number> {
  const seen = new Set<string>();
  let taken = 0;
  for await (const page of client.scanStream({ match: pattern, count: SCAN_COUNT })) {
    for (const name of page as string[]) {
      const id = key.exec(name)?.[1];
      if (id === undefined || seen.has(id)) continue;
      seen.add(id);
      const [fields, ttlMs] = await Promise.all([client.hgetall(name), client.pttl(name)]);
      if (ttlMs === GONE || Object.keys(fields).length === 0) continue;
      if (take(id, fields, ttlMs === NO_EXPIRY ? null : ttlMs)) taken++;
    }
  }
  return taken;
}
