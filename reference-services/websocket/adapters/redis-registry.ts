import type { Redis } from 'ioredis';
import { v5 as uuidv5 } from 'uuid';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { defineScript } from '#kit/redis.ts';
import type { ConnectionEvent } from '../domain.ts';
import type { SocketEntry, SocketRegistry } from '../ports.ts';
import { keys } from './redis-keys.ts';
import {
  KEEP_ALIVE,
  OVERDUE,
  REAP,
  REGISTER,
  SUBSCRIBE,
  SUBSCRIBE_ALL,
  UNREGISTER,
  UNSUBSCRIBE,
} from './redis-scripts.ts';

/** A socket whose node sent no heartbeat for so long is given up. */
const SOCKET_TTL_MS = LIMITS.websocket.entryMs;
/** How long it is remembered that a socket went or was given up: its node may say so again. */
const TOMBSTONE_MS = 120_000;
const KEPT_ALIVE_AT_ONCE = 100;
const REAPED_AT_ONCE = 100;
/** RFC 6455: the connection ended without a close frame. */
const CLOSE_ABNORMAL = 1006;
/** Ids of connection events are names in this namespace: one for each socket and kind. */
const NAMESPACE = '0b9d2c64-3f58-5c1a-9a0e-7b1f64c2e3d9';

export interface RegistryLimits {
  readonly socketsPerUserMax: number;
}

/** The registry of sockets in Redis. */
export function redisRegistry(client: Redis, limits: RegistryLimits): SocketRegistry {
  const scripts = scriptsOf(client);
  return {
    async register(socket) {
      const { socketId, userId, nodeId, connectedAtMs } = socket;
      const event = eventOf(socket, 'CONNECTED', null, connectedAtMs);
      const done = await scripts.register(
        [keys.socket(socketId), keys.socketsOfUser(userId), keys.sockets, keys.outbox],
        [
          ...[socketId, userId, nodeId, connectedAtMs, SOCKET_TTL_MS],
          ...[limits.socketsPerUserMax, memberOf(socket), JSON.stringify(event)],
        ],
      );
      return done === 1 ? 'registered' : 'too-many';
    },
    async keepAlive(sockets) {
      const lost: string[] = [];
      for (let start = 0; start < sockets.length; start += KEPT_ALIVE_AT_ONCE) {
        const batch = sockets.slice(start, start + KEPT_ALIVE_AT_ONCE);
        const fields = batch.flatMap((socket) => {
          const { socketId, userId, nodeId, connectedAtMs } = socket;
          return [socketId, userId, nodeId, connectedAtMs, memberOf(socket)];
        });
        lost.push(
          ...((await scripts.keepAlive([keys.sockets], [SOCKET_TTL_MS, ...fields])) as string[]),
        );
      }
      return lost;
    },
    async unregister(socket, closeCode, nowMs) {
      const event = eventOf(socket, 'DISCONNECTED', closeCode, nowMs);
      const { socketId, userId } = socket;
      await scripts.unregister(
        [keys.sockets, keys.outbox, keys.socketsOfUser(userId)],
        [socketId, memberOf(socket), JSON.stringify(event), TOMBSTONE_MS],
      );
    },
    async reap(nowMs) {
      const overdue = (await scripts.overdue([keys.sockets], [REAPED_AT_ONCE])) as string[];
      let count = 0;
      for (const member of overdue) {
        const socket = readMember(member);
        const event = eventOf(socket, 'DISCONNECTED', CLOSE_ABNORMAL, nowMs);
        const done = await scripts.reap(
          [keys.sockets, keys.outbox, keys.socketsOfUser(socket.userId)],
          [socket.socketId, member, JSON.stringify(event), TOMBSTONE_MS],
        );
        count += Number(done);
      }
      return count;
    },
    ...subscriptions(scripts),
  };
}

type Scripts = ReturnType<typeof scriptsOf>;

function scriptsOf(client: Redis) {
  return {
    register: defineScript(client, 'wsRegister', REGISTER, 4),
    keepAlive: defineScript(client, 'wsKeepAlive', KEEP_ALIVE, 1),
    unregister: defineScript(client, 'wsUnregister', UNREGISTER, 3),
    overdue: defineScript(client, 'wsOverdue', OVERDUE, 1),
    reap: defineScript(client, 'wsReap', REAP, 3),
    subscribe: defineScript(client, 'wsSubscribe', SUBSCRIBE, 3),
    subscribeAll: defineScript(client, 'wsSubscribeAll', SUBSCRIBE_ALL, 2),
    unsubscribe: defineScript(client, 'wsUnsubscribe', UNSUBSCRIBE, 2),
  };
}

function subscriptions(
  scripts: Scripts,
): Pick<SocketRegistry, 'subscribe' | 'subscribeAll' | 'unsubscribe'> {
  return {
    async subscribe({ socketId, userId }, jobId, level) {
      const owner = await scripts.subscribe(
        [keys.subscriptions(socketId), keys.job(jobId), keys.socketsOfJob(jobId)],
        [socketId, userId, jobId, level, SOCKET_TTL_MS],
      );
      return owner as 'own' | 'foreign' | 'unknown';
    },
    async subscribeAll({ socketId, userId }, level) {
      const head = await scripts.subscribeAll(
        [keys.subscriptions(socketId), keys.userLog(userId)],
        [level, SOCKET_TTL_MS],
      );
      return head as string;
    },
    async unsubscribe({ socketId }, jobId) {
      const field = jobId ?? '*';
      await scripts.unsubscribe(
        [keys.subscriptions(socketId), keys.socketsOfJob(field)],
        [socketId, field],
      );
    },
  };
}

/** What the index of all sockets holds: enough to report one whose entry has expired. */
const memberOf = ({ socketId, nodeId, userId }: SocketEntry): string =>
  `${socketId} ${nodeId} ${userId}`;

function readMember(member: string): Omit<SocketEntry, 'connectedAtMs'> {
  const [socketId = '', nodeId = '', ...rest] = member.split(' ');
  return { socketId, nodeId, userId: rest.join(' ') };
}

function eventOf(
  { socketId, userId, nodeId }: Omit<SocketEntry, 'connectedAtMs'>,
  kind: ConnectionEvent['kind'],
  closeCode: number | null,
  occurredAt: number,
): ConnectionEvent {
  const messageId = uuidv5(`${socketId}\n${kind}`, NAMESPACE);
  return { messageId, socketId, userId, nodeId, kind, closeCode, occurredAt };
}
