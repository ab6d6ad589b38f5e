import { randomInt } from 'node:crypto';
import { ERRORS } from '#contracts/spec/errors/registry.ts';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { errorCodeOf, OperationalError } from '#kit/errors.ts';
import { Delivery, notReading, rememberSent, type Session } from './app-delivery.ts';
import type { ClientMessage, ErrorFrame, Level } from './domain.ts';
import type {
  Clock,
  Hint,
  LogHead,
  Outbound,
  SocketEntry,
  SocketRegistry,
  UpdateLog,
} from './ports.ts';

/** How long a subscription waits for a job that nothing was said about. */
const PENDING_MS_MAX = LIMITS.websocket.jobWaitMs;
const SUBSCRIPTIONS_MAX = LIMITS.websocket.subscriptionsPerSocket;
/** Jobs or users whose logs are compared in one call. */
const COMPARED_AT_ONCE = 200;
const RETRY_AFTER_MS_MIN = 200;
const RETRY_AFTER_MS_MAX = 2_000;

/** IANA's WebSocket close code registry: service restart. */
const CLOSE_RESTART = 1012;

export interface NodeParts {
  readonly nodeId: string;
  readonly registry: SocketRegistry;
  readonly log: UpdateLog;
  readonly clock: Clock;
  readonly ids: { uuid(): string };
  /** Called with a failure that the next round makes up for. */
  readonly onFailure: (error: unknown) => void;
}

type Asked = { readonly requestId: string; readonly level: Level };

/** The use cases of one node: it holds sockets, and serves each from the log. */
export class UpdateNode {
  readonly #parts: NodeParts;
  readonly #delivery: Delivery;
  readonly #sessions = new Map<string, Session>();
  readonly #byUser = new Map<string, Set<Session>>();
  /** Sockets that went while the registry was away, with their close codes. */
  readonly #departed = new Map<string, { readonly socket: SocketEntry; readonly code: number }>();

  constructor(parts: NodeParts) {
    this.#parts = parts;
    this.#delivery = new Delivery(parts);
  }

  /** How many sockets it holds. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Enters a socket of a user. Rejects with `rate-limited` when the user has too many. */
  async enter(userId: string): Promise<SocketEntry> {
    const { ids, nodeId, clock, registry } = this.#parts;
    const socket = { socketId: ids.uuid(), userId, nodeId, connectedAtMs: clock.now() };
    if ((await registry.register(socket)) === 'too-many') {
      throw new OperationalError('rate-limited', { detail: 'the user has too many sockets' });
    }
    return socket;
  }

  /** Begins to serve a socket that was entered. */
  open(socket: SocketEntry, outbound: Outbound): Session {
    const session: Session = {
      socket,
      outbound,
      jobs: new Map(),
      all: undefined,
      isClosed: false,
    };
    this.#sessions.set(socket.socketId, session);
    const others = this.#byUser.get(socket.userId) ?? new Set();
    this.#byUser.set(socket.userId, others.add(session));
    return session;
  }

  /** Ends the service of a socket; the registry is updated now, or as soon as it is back. */
  async leave(socket: SocketEntry, code: number): Promise<void> {
    const session = this.#sessions.get(socket.socketId);
    if (session !== undefined) {
      session.isClosed = true;
      this.#sessions.delete(socket.socketId);
      const others = this.#byUser.get(socket.userId);
      others?.delete(session);
      if (others?.size === 0) this.#byUser.delete(socket.userId);
    }
    await this.#depart(socket, code).catch(this.#parts.onFailure);
  }

  async #depart(socket: SocketEntry, code: number): Promise<void> {
    const { registry, clock } = this.#parts;
    this.#departed.set(socket.socketId, { socket, code });
    await registry.unregister(socket, code, clock.now());
    this.#departed.delete(socket.socketId);
  }

  /** Answers a message. Never rejects: what goes wrong is answered too. */
  async receive(session: Session, message: ClientMessage): Promise<void> {
    try {
      await this.#answer(session, message);
    } catch (error) {
      const code = errorCodeOf(error) === undefined ? 'internal' : 'unavailable';
      if (code === 'internal') this.#parts.onFailure(error);
      const { requestId } = message;
      session.outbound.send(errorFrame(code, requestId === undefined ? {} : { requestId }));
    }
  }

  async #answer(session: Session, message: ClientMessage): Promise<void> {
    switch (message.type) {
      case 'ping': {
        const { requestId } = message;
        return session.outbound.send({ type: 'pong', ...(requestId && { requestId }) });
      }
      case 'subscribe': {
        const { jobId, afterSequence = 0 } = message;
        return jobId === undefined
          ? this.#subscribeAll(session, message)
          : this.#subscribeJob(session, message, jobId, afterSequence);
      }
      case 'unsubscribe':
        return this.#unsubscribe(session, message.requestId, message.jobId);
      case 'resume':
        for (const [jobId, sequence] of Object.entries(message.positions)) {
          await this.#subscribeJob(session, message, jobId, sequence);
        }
        return;
      default:
        return message satisfies never;
    }
  }

  async #subscribeJob(
    session: Session,
    { requestId, level }: Asked,
    jobId: string,
    afterSequence: number,
  ): Promise<void> {
    if (session.jobs.size >= SUBSCRIPTIONS_MAX && !session.jobs.has(jobId)) {
      const detail = `at most ${SUBSCRIPTIONS_MAX} jobs per socket`;
      return session.outbound.send(errorFrame('invalid-request', { requestId, jobId, detail }));
    }
    const own = this.#openJob(session, jobId, level, afterSequence);
    const owner = await this.#parts.registry
      .subscribe(session.socket, jobId, level)
      .catch((error: unknown) => {
        session.jobs.delete(jobId);
        throw error;
      });
    if (owner === 'foreign') return this.#delivery.refuse(session, jobId, requestId);
    session.outbound.send({ type: 'subscribed', requestId, jobId, level, afterSequence });
    own.state = owner === 'own' ? 'open' : 'pending';
    this.#delivery.catchUp(session, jobId);
  }

  /** Replaces an earlier subscription to the same job. */
  #openJob(session: Session, jobId: string, level: Level, afterSequence: number) {
    const own: NonNullable<ReturnType<Session['jobs']['get']>> = {
      level,
      sequence: afterSequence,
      state: 'opening',
      sinceMs: this.#parts.clock.now(),
      reading: notReading(),
    };
    session.jobs.set(jobId, own);
    return own;
  }

  async #subscribeAll(session: Session, { requestId, level }: Asked): Promise<void> {
    const before = session.all;
    const all: NonNullable<Session['all']> = {
      level,
      cursor: '0-0',
      state: 'opening',
      reading: notReading(),
      sentBefore: before?.sentBefore ?? new Map(),
    };
    session.all = all;
    all.cursor = await this.#parts.registry
      .subscribeAll(session.socket, level)
      .catch((error: unknown) => {
        session.all = before;
        throw error;
      });
    session.outbound.send({ type: 'subscribed', requestId, jobId: null, level, afterSequence: 0 });
    all.state = 'open';
    this.#delivery.catchUpAll(session);
  }

  async #unsubscribe(session: Session, requestId: string, jobId?: string): Promise<void> {
    if (jobId === undefined) {
      session.all = undefined;
    } else {
      const own = session.jobs.get(jobId);
      session.jobs.delete(jobId);
      if (own && session.all) rememberSent(session.all, jobId, own.sequence);
    }
    session.outbound.send({ type: 'unsubscribed', requestId, jobId: jobId ?? null });
    await this.#parts.registry.unsubscribe(session.socket, jobId);
  }

  /** Tells the sockets of a user of an update. */
  offer(hint: Hint): void {
    for (const session of this.#byUser.get(hint.entry.update.userId) ?? []) {
      this.#delivery.offer(session, hint);
    }
  }

  /** Finds what no hint announced, and ends what waited too long. */
  async compare(): Promise<void> {
    const { log } = this.#parts;
    const all = [...this.#sessions.values()];
    const jobIds = all.flatMap((session) => [...session.jobs.keys()]);
    const userIds = all.flatMap((session) => (session.all ? [session.socket.userId] : []));
    const heads = await lookUp<LogHead | undefined>(jobIds, (batch) => log.heads(batch));
    const userHeads = await lookUp(userIds, (batch) => log.userHeads(batch));
    for (const session of all) {
      if (session.isClosed) continue;
      this.#delivery.compare(session, heads, userHeads.get(session.socket.userId) ?? '0-0');
      this.#endOverdue(session);
    }
  }

  #endOverdue(session: Session): void {
    const { clock } = this.#parts;
    for (const [jobId, own] of session.jobs) {
      if (own.state !== 'pending' || clock.now() - own.sinceMs < PENDING_MS_MAX) continue;
      this.#delivery.refuse(session, jobId);
    }
  }

  /** Keeps its sockets registered, and gives up those of nodes that are gone. */
  async keepAlive(): Promise<void> {
    const { registry, clock } = this.#parts;
    for (const { socket, code } of [...this.#departed.values()]) await this.#depart(socket, code);
    const held = [...this.#sessions.values()].map((session) => session.socket);
    for (const socketId of await registry.keepAlive(held)) {
      // It was reported as gone while this node sent no heartbeat: the client has to reconnect.
      sendAway(this.#sessions.get(socketId));
    }
    await registry.reap(clock.now());
  }

  /** Asks every client to come back elsewhere, and closes. */
  sendAllAway(): void {
    for (const session of this.#sessions.values()) sendAway(session);
  }
}

function sendAway(session: Session | undefined): void {
  if (session === undefined) return;
  // Each waits for another time, so that they do not all come back at once.
  const retryAfterMs = randomInt(RETRY_AFTER_MS_MIN, RETRY_AFTER_MS_MAX);
  session.outbound.send({ type: 'reconnect', retryAfterMs });
  session.outbound.close(CLOSE_RESTART, 'the node restarts');
}

/** An error of the registry as a frame. */
export function errorFrame(
  code: ErrorFrame['code'],
  about: Pick<ErrorFrame, 'requestId' | 'jobId' | 'detail'> = {},
): ErrorFrame {
  return { type: 'error', code, title: ERRORS[code].title, ...about };
}

/** Looks many keys up, a bounded number at once. */
async function lookUp<T>(
  keys: readonly string[],
  look: (batch: readonly string[]) => Promise<readonly T[]>,
): Promise<Map<string, T>> {
  const wanted = [...new Set(keys)];
  const found = new Map<string, T>();
  for (let start = 0; start < wanted.length; start += COMPARED_AT_ONCE) {
    const batch = wanted.slice(start, start + COMPARED_AT_ONCE);
    const values = await look(batch);
    batch.forEach((key, index) => void found.set(key, values[index] as T));
  }
  return found;
}
