import { url as debuggerUrl } from 'node:inspector';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { packageProgram } from '../kernel/package-assets.ts';
import { within } from '../kernel/poll.ts';
import { cacheFolder } from '../provision/cache-folder.ts';
import type { ScenarioFacts } from '../scenario/define-scenario.ts';
import { blockedAt, type CodePlace } from './blocked-at.ts';
import {
  HEARTBEAT_MS,
  type PlayContext,
  type Played,
  type PlayerData,
  type PlayerMethod,
  type PlayerMethods,
  type PlayerReply,
  type Stray,
} from './player-messages.ts';
import type { ScenarioFile } from './scenario-files.ts';

/** A busy machine delays a thread by a second or two; a scenario awaits what takes longer. */
const BLOCKED_MS_MAX = 10_000;
const TERMINATE_MS = 5_000;
/** For 300 concurrent orders, and small against the memory of a stack. */
const HEAP_MB_MAX = 1_024;

const ENTRY = packageProgram('harness/runner/player');

/** The thread ended, so whatever was asked of it has no answer. */
export class PlayerEnded extends Error {
  override readonly name = 'PlayerEnded';
  /** What blocked it, innermost first, if it was blocked. */
  readonly places: readonly CodePlace[];

  constructor(message: string, places: readonly CodePlace[] = []) {
    super(message);
    this.places = places;
  }
}

export interface PlayerOptions {
  /** Gets unhandled errors that have no running scenario. */
  readonly onStray: (stray: Stray) => void;
  readonly blockedMsMax?: number;
}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** The thread that scenarios run in, as the run sees it. */
export class PlayerThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #options: PlayerOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #watch: NodeJS.Timeout;
  #requests = 0;
  #ended: PlayerEnded | undefined;

  constructor(options: PlayerOptions) {
    this.#options = options;
    const workerData: PlayerData = {
      compileCache: join(cacheFolder(), 'compile'),
      beats: this.#beats.buffer as SharedArrayBuffer,
    };
    this.#worker = new Worker(ENTRY, {
      name: 'scenarios',
      workerData,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    });
    this.#worker.on('message', (reply: PlayerReply) => this.#received(reply));
    this.#worker.on('error', (error) => this.#end(new PlayerEnded(`its thread ended: ${error}`)));
    this.#worker.on('exit', () => this.#end(new PlayerEnded('its thread ended')));
    this.#watch = this.#watchBeats(options.blockedMsMax ?? BLOCKED_MS_MAX);
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** Sends what scenarios print to a log, also what they printed before. */
  pipeTo(log: Writable): void {
    for (const output of [this.#worker.stdout, this.#worker.stderr]) {
      output.unpipe();
      output.pipe(log, { end: false });
    }
  }

  /** Loads a scenario's module. Rejects with why it cannot be loaded. */
  load(file: ScenarioFile): Promise<ScenarioFacts> {
    return this.#ask('load', { file });
  }

  /** Plays a scenario. Rejects only with {@link PlayerEnded}. */
  play(file: ScenarioFile, context: PlayContext): Promise<Played> {
    return this.#ask('play', { file, context });
  }

  /** Ends the thread at once, with all that runs in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new PlayerEnded('it was stopped'));
    await this.#terminate();
  }

  #ask<M extends PlayerMethod>(
    method: M,
    request: PlayerMethods[M]['request'],
  ): Promise<PlayerMethods[M]['reply']> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = ++this.#requests;
    const { promise, ...settle } = Promise.withResolvers<PlayerMethods[M]['reply']>();
    this.#pending.set(id, settle as Pending);
    this.#worker.postMessage({ id, method, ...request });
    return promise;
  }

  #received(reply: PlayerReply): void {
    if ('stray' in reply) {
      this.#options.onStray(reply.stray);
      return;
    }
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ('error' in reply) pending?.reject(new Error(reply.error));
    else pending?.resolve(reply.value as never);
  }

  #end(why: PlayerEnded): void {
    clearInterval(this.#watch);
    this.#ended ??= why;
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
  }

  /** Counts beats that are missing, not time: a suspended machine is not a blocked thread. */
  #watchBeats(blockedMsMax: number): NodeJS.Timeout {
    let seen = 0;
    let missing = 0;
    const look = () => {
      const beats = Atomics.load(this.#beats, 0);
      const isFree = beats !== seen || beats === 0 || debuggerUrl() !== undefined;
      seen = beats;
      missing = isFree ? 0 : missing + 1;
      if (missing * HEARTBEAT_MS > blockedMsMax) void this.#endBlocked(blockedMsMax);
    };
    return setInterval(look, HEARTBEAT_MS).unref();
  }

  async #endBlocked(blockedMsMax: number): Promise<void> {
    clearInterval(this.#watch);
    const places = await blockedAt(this.#worker);
    const seconds = Math.round(blockedMsMax / 1_000);
    this.#end(new PlayerEnded(`its thread was blocked for ${seconds} s`, places));
    await this.#terminate();
  }

  /** A thread in native code, or one that a debugger holds, ends with the process at the latest. */
  async #terminate(): Promise<void> {
    const ended = this.#worker.terminate();
    await within('the end of the thread of scenarios', TERMINATE_MS, ended).catch(() => {
      this.#worker.unref();
    });
  }
}
