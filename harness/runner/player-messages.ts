import type { ScenarioFacts } from '../scenario/define-scenario.ts';
import type { ScenarioFile } from './scenario-files.ts';

/** What a play needs besides its scenario. All of it can be sent to a thread. */
export interface PlayContext {
  readonly run: string;
  readonly seed: string;
  /** The run's folder: shards of the history go here. */
  readonly runFolder: string;
  /** Shortens the deadline of the scenario. */
  readonly deadlineMsMax?: number;
  /** The run folder of the stack. */
  readonly stackFolder: string;
}

/** How a play ended. */
export interface Played {
  /** Why it failed; absent: it passed. */
  readonly failure?: string;
  /** With `failure`: all that is known, with places in the harness. */
  readonly trace?: string;
  /** With `failure`: a fault did not land, so the scenario proves nothing. */
  readonly isInconclusive?: boolean;
  /** With `failure`: it can come from a starved machine. A time-out, or refused for load. */
  readonly isTimeBound?: boolean;
  /** False: it was given up, and its code still runs. */
  readonly isOver: boolean;
}

/** What the run asks of the thread, and what the thread answers. */
export interface PlayerMethods {
  readonly load: { readonly request: { file: ScenarioFile }; readonly reply: ScenarioFacts };
  readonly play: {
    readonly request: { file: ScenarioFile; context: PlayContext };
    readonly reply: Played;
  };
}
export type PlayerMethod = keyof PlayerMethods;

export type PlayerRequest = {
  readonly [M in PlayerMethod]: {
    readonly id: number;
    readonly method: M;
  } & PlayerMethods[M]['request'];
}[PlayerMethod];

/** An unhandled error: uncaught, or the reason of an unhandled rejection. */
export interface Stray {
  /** Undefined if nothing shows which scenario caused it. */
  readonly scenario?: string;
  readonly message: string;
}

export type PlayerReply =
  | { readonly id: number; readonly value: ScenarioFacts | Played }
  | { readonly id: number; readonly error: string }
  | { readonly stray: Stray };

/** What the thread is started with. */
export interface PlayerData {
  readonly compileCache: string;
  /** One 32-bit counter, which the thread's event loop advances: see `HEARTBEAT_MS`. */
  readonly beats: SharedArrayBuffer;
}

/** Between two beats of a thread whose event loop is free. */
export const HEARTBEAT_MS = 250;
