import type { Redis } from 'ioredis';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { defineScript, redisCall } from '#kit/redis.ts';
import type { LogEntry } from '../domain.ts';
import type { Appended, Hint, UpdateLog } from '../ports.ts';
import { keys, nodeChannel } from './redis-keys.ts';
import { APPEND, HEADS, USER_HEADS } from './redis-scripts.ts';

/** Updates of one job; a saga with every retry has about 60. */
const LOG_MAX = LIMITS.websocket.resumeUpdates;
/** Updates of one user's jobs, for sockets that watch all of them and are a little behind. */
const USER_LOG_MAX = 2_000;
const USER_LOG_TTL_MS = 600_000;

export interface LogOptions {
  /** Hints for its sockets come with the answer, and not by the network. */
  readonly nodeId: string;
  /** Longer than a job lives, so that its expiry still finds its log. */
  readonly logTtlMs: number;
}

type AppendReply = 'lost' | Array<readonly string[]>;

function readAppended(entry: LogEntry, [outcome, previousId, id]: readonly string[]): Appended {
  if (outcome !== 'appended') return { outcome: outcome as 'duplicate' | 'foreign' };
  if (previousId === undefined || id === undefined) return { outcome };
  return { outcome, hint: { previousId, id, entry } };
}

type Entries = Array<[id: string, fields: string[]]>;

/** Logs of updates in Redis streams. */
export function redisUpdateLog(client: Redis, options: LogOptions): UpdateLog {
  const append = defineScript(client, 'wsAppend', APPEND, 1);
  const heads = defineScript(client, 'wsHeads', HEADS, 0);
  const userHeads = defineScript(client, 'wsUserHeads', USER_HEADS, 0);
  const add = async (entries: readonly LogEntry[], isRestored: 0 | 1) => {
    const fields = entries.flatMap((entry) => {
      const { jobId, userId, orderId, sequence } = entry.update;
      return [jobId, userId, orderId, sequence, JSON.stringify(entry)];
    });
    const { logTtlMs, nodeId } = options;
    const bounds = [logTtlMs, LOG_MAX, USER_LOG_TTL_MS, USER_LOG_MAX, isRestored, nodeId];
    return (await append([keys.intact], [...bounds, ...fields])) as AppendReply;
  };
  return {
    async append(entries) {
      const reply = await add(entries, 0);
      if (reply === 'lost') return reply;
      return entries.map((entry, index) => readAppended(entry, reply[index] ?? []));
    },
    async restore(entries) {
      await add(entries, 1);
    },
    isIntact: () => redisCall(async () => (await client.exists(keys.intact)) === 1),
    markIntact: () => redisCall(async () => void (await client.set(keys.intact, '1'))),
    async read(jobId, afterSequence, limit) {
      const from = `(${afterSequence}-0`;
      const found = await redisCall(() =>
        client.xrange(keys.log(jobId), from, '+', 'COUNT', limit),
      );
      return (found as Entries).map(readEntry).map(({ entry }) => entry);
    },
    async readUser(userId, afterId, limit) {
      const from = `(${afterId}`;
      const found = await redisCall(() =>
        client.xrange(keys.userLog(userId), from, '+', 'COUNT', limit),
      );
      return (found as Entries).map(readEntry);
    },
    async heads(jobIds) {
      const found = (await heads([], jobIds)) as string[][];
      return found.map(([userId, sequence]) =>
        userId === undefined ? undefined : { userId, sequence: Number(sequence) },
      );
    },
    async userHeads(userIds) {
      return (await userHeads([], userIds)) as string[];
    },
  };
}

const readEntry = ([id, [, text = '']]: Entries[number]) => ({
  id,
  entry: JSON.parse(text) as LogEntry,
});

/**
 * Receives the hints for a node. A hint that does not come costs time and nothing else.
 *
 * @param subscriber a connection of its own: one that listens can do nothing else
 */
export function listenForHints(
  subscriber: Redis,
  nodeId: string,
  offer: (hint: Hint) => void,
  onFailure: (error: unknown) => void,
): void {
  subscriber.on('message', (_channel: string, text: string) => offer(JSON.parse(text) as Hint));
  const subscribe = () => {
    subscriber.subscribe(nodeChannel(nodeId)).catch(onFailure);
  };
  subscriber.on('ready', subscribe);
  if (subscriber.status === 'ready') subscribe();
}
