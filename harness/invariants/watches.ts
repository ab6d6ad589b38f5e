import type { SocketEvent } from '../history/event.ts';
import { NEVER } from './scope.ts';
import { ALL_JOBS, levelOf } from './subscriptions.ts';

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

/** What one socket watched and got of one job. */
export interface Watch {
  readonly stretches: Stretch[];
  /** Its frames, {@link FRAME_NUMBERS} numbers each: see {@link Frame}. */
  readonly frames: number[];
}

/** A frame: its number, the one that it says came before, what it says, and where it is. */
export interface Frame {
  readonly sequence: number;
  readonly previous: number;
  readonly said: number;
  readonly at: number;
}

const FRAME_NUMBERS = 4;

/** How many frames a watch has. */
export const countFrames = ({ frames }: Watch): number => frames.length / FRAME_NUMBERS;

export function addFrame({ frames }: Watch, { sequence, previous, said, at }: Frame): void {
  frames.push(sequence, previous, said, at);
}

/** The frame at a place, if there is one. */
export function frameAt({ frames }: Watch, place: number): Frame | undefined {
  const from = place * FRAME_NUMBERS;
  const at = frames[from + 3];
  if (place < 0 || at === undefined) return undefined;
  const [sequence = 0, previous = 0, said = 0] = [frames[from], frames[from + 1], frames[from + 2]];
  return { sequence, previous, said, at };
}

/** All of them, in their order. */
export function* framesOf(watch: Watch): Generator<Frame, void, undefined> {
  for (let place = 0; place < countFrames(watch); place++) {
    const frame = frameAt(watch, place);
    if (frame !== undefined) yield frame;
  }
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
  readonly watches: Map<string, Watch>;
  all: Stretch[];
}

/** Shared by all sockets that never asked for all jobs: most. */
const NO_STRETCHES: Stretch[] = [];

/** Follows what each socket asked for and what it was acknowledged. */
export class Watches {
  readonly #sockets = new Map<string, Socket>();

  static empty(): Watch {
    return { stretches: [], frames: [] };
  }

  of(socket: string, jobId: string): Watch {
    const { watches } = this.#socket(socket, '');
    let watch = watches.get(jobId);
    if (watch === undefined) {
      watch = Watches.empty();
      watches.set(jobId, watch);
    }
    return watch;
  }

  find(socket: string, jobId: string): Watch | undefined {
    return this.#sockets.get(socket)?.watches.get(jobId);
  }

  *all(): Iterable<{ socket: string; userId: string; jobId: string; watch: Watch }> {
    for (const [socket, { userId, watches }] of this.#sockets) {
      for (const [jobId, watch] of watches) yield { socket, userId, jobId, watch };
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
    if (key === ALL_JOBS) known.all = [...known.all, stretch];
    else this.of(socket, key).stretches.push(stretch);
  }

  /** The socket is closed; its end was due only when the client wished it. */
  close(socket: string, at: number, atMs: number, asked: boolean): void {
    const known = this.#sockets.get(socket);
    if (known === undefined) return;
    for (const key of [...known.watches.keys(), ALL_JOBS]) this.#end(known, key, at, atMs, asked);
  }

  #end(socket: Socket, key: string, at: number, atMs: number, asked: boolean): void {
    const stretches = key === ALL_JOBS ? socket.all : socket.watches.get(key)?.stretches;
    const open = stretches?.at(-1);
    if (open === undefined || open.untilAt !== NEVER) return;
    open.untilAt = at;
    open.untilMs = atMs;
    open.asked = asked;
  }

  #socket(id: string, userId: string): Socket {
    let socket = this.#sockets.get(id);
    if (socket === undefined) {
      socket = { userId, asked: undefined, watches: new Map(), all: NO_STRETCHES };
      this.#sockets.set(id, socket);
    }
    return socket;
  }
}
