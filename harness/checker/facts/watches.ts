import type { SocketEvent } from '../../history/event.ts';
import { ALL_JOBS, levelOf } from '../../history/subscriptions.ts';
import { NEVER, type Scope } from '../scope.ts';

/** A time during which a socket watched a job at one level. */
export interface Stretch {
  readonly level: number;
  /** Updates up to this one were not asked for. */
  readonly after: number;
  /** Index and time of the acknowledgement; frames may come from `fromAt` on. */
  readonly ackedAt: number;
  readonly fromAt: number;
  readonly fromMs: number;
  /** The next change of the subscription or the close; `untilAt` is -1 while it is on. */
  untilAt: number;
  untilMs: number;
  /** Whether the end was the client's own wish: then nothing that was due may be missing. */
  asked: boolean;
}

/** What one socket watched of one job. */
export interface Watch {
  /** Dense, from 0. */
  readonly number: number;
  readonly jobId: string;
  stretches: Stretch[];
}

interface Asked {
  readonly level: number;
  readonly after: number;
  readonly at: number;
}

interface Socket {
  readonly userId: string;
  /** By job id, or {@link ALL_JOBS}: the latest wish that was not answered. */
  asked: Map<string, Asked> | undefined;
  /** Most sockets watch one job: a map is made for the second. */
  only: Watch | undefined;
  more: Map<string, Watch> | undefined;
  all: Stretch[];
}

/** Shared by all who have none: most sockets never ask for all jobs. */
const NO_STRETCHES: Stretch[] = [];

/** Follows what each socket asked for and what it was acknowledged. */
export class Watches {
  readonly #scope: Scope;
  readonly #sockets = new Map<string, Socket>();
  #watches = 0;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  of(socket: string, jobId: string): Watch {
    const known = this.#socket(socket, '');
    const before = watchOf(known, jobId);
    if (before !== undefined) return before;
    const watch: Watch = {
      number: this.#watches++,
      // The string that the scope keeps anyway.
      jobId: this.#scope.jobOf(jobId)?.id ?? jobId,
      stretches: NO_STRETCHES,
    };
    if (known.only === undefined) known.only = watch;
    else {
      known.more ??= new Map();
      known.more.set(watch.jobId, watch);
    }
    return watch;
  }

  find(socket: string, jobId: string): Watch | undefined {
    const known = this.#sockets.get(socket);
    return known === undefined ? undefined : watchOf(known, jobId);
  }

  *all(): Iterable<{ socket: string; userId: string; jobId: string; watch: Watch }> {
    for (const [socket, known] of this.#sockets) {
      const { userId } = known;
      for (const watch of watchesOf(known)) yield { socket, userId, jobId: watch.jobId, watch };
    }
  }

  *allJobs(): Iterable<{ socket: string; userId: string; stretch: Stretch }> {
    for (const [socket, { userId, all }] of this.#sockets) {
      for (const stretch of all) yield { socket, userId, stretch };
    }
  }

  /** The client sent something. */
  sent({ socket, userId, message, index, atMs }: SocketEvent): void {
    const { type, jobId, afterSequence, positions } = message ?? {};
    const level = levelOf(message?.['level']);
    const key = typeof jobId === 'string' ? jobId : ALL_JOBS;
    const known = this.#socket(socket, userId);
    if (type === 'subscribe' && level !== undefined) {
      const after = typeof afterSequence === 'number' ? afterSequence : 0;
      known.asked ??= new Map();
      known.asked.set(key, { level, after, at: index });
      this.#end(known, key, index, atMs, true);
    } else if (type === 'resume' && level !== undefined && typeof positions === 'object') {
      known.asked ??= new Map();
      for (const [job, after] of Object.entries(positions ?? {})) {
        known.asked.set(job, { level, after: Number(after), at: index });
        this.#end(known, job, index, atMs, true);
      }
    } else if (type === 'unsubscribe') {
      this.#end(known, key, index, atMs, true);
    }
  }

  /** The service answered something that is no update. */
  answered({ socket, userId, message, index, atMs }: SocketEvent): void {
    if (message?.['type'] !== 'subscribed') return;
    const { jobId } = message;
    const key = typeof jobId === 'string' ? jobId : ALL_JOBS;
    const known = this.#socket(socket, userId);
    const asked = known.asked?.get(key);
    if (asked === undefined) return;
    known.asked?.delete(key);
    if (known.asked?.size === 0) known.asked = undefined;
    const stretch: Stretch = {
      level: asked.level,
      after: asked.after,
      ackedAt: index,
      fromAt: asked.at,
      fromMs: atMs,
      untilAt: NEVER,
      untilMs: 0,
      asked: true,
    };
    if (key === ALL_JOBS) known.all = extended(known.all, stretch);
    else {
      const watch = this.of(socket, key);
      watch.stretches = extended(watch.stretches, stretch);
    }
  }

  /** The socket is closed; its end was due only when the client wished it. */
  close(socket: string, at: number, atMs: number, asked: boolean): void {
    const known = this.#sockets.get(socket);
    if (known === undefined) return;
    for (const { stretches } of watchesOf(known)) this.#endLast(stretches, at, atMs, asked);
    this.#endLast(known.all, at, atMs, asked);
  }

  #end(socket: Socket, key: string, at: number, atMs: number, asked: boolean): void {
    const stretches = key === ALL_JOBS ? socket.all : watchOf(socket, key)?.stretches;
    if (stretches !== undefined) this.#endLast(stretches, at, atMs, asked);
  }

  #endLast(stretches: readonly Stretch[], at: number, atMs: number, asked: boolean): void {
    const open = stretches.at(-1);
    if (open === undefined || open.untilAt !== NEVER) return;
    open.untilAt = at;
    open.untilMs = atMs;
    open.asked = asked;
  }

  #socket(id: string, userId: string): Socket {
    let socket = this.#sockets.get(id);
    if (socket === undefined) {
      socket = {
        userId,
        asked: undefined,
        only: undefined,
        more: undefined,
        all: NO_STRETCHES,
      };
      this.#sockets.set(id, socket);
    }
    return socket;
  }
}

function watchOf({ only, more }: Socket, jobId: string): Watch | undefined {
  return only?.jobId === jobId ? only : more?.get(jobId);
}

function* watchesOf({ only, more }: Socket): Generator<Watch, void, undefined> {
  if (only !== undefined) yield only;
  if (more !== undefined) yield* more.values();
}

/** The list with one more at its end; a list of one takes as much room as it needs. */
function extended(stretches: Stretch[], stretch: Stretch): Stretch[] {
  if (stretches === NO_STRETCHES) return [stretch];
  stretches.push(stretch);
  return stretches;
}
