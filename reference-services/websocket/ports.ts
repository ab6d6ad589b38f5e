import type { ConnectionEvent, Frame, Level, LogEntry } from './domain.ts';

/** A socket as the registry knows it. */
export interface SocketEntry {
  readonly socketId: string;
  readonly userId: string;
  /** The instance that holds it. */
  readonly nodeId: string;
  readonly connectedAtMs: number;
}

/** Who holds which socket and wants to see what; shared by all nodes. */
export interface SocketRegistry {
  /** Enters a socket, unless its user has as many as allowed. */
  register(socket: SocketEntry): Promise<'registered' | 'too-many'>;
  /**
   * Keeps the sockets of a node registered.
   *
   * @returns those that were given up meanwhile, because the node had sent no heartbeat
   */
  keepAlive(sockets: readonly SocketEntry[]): Promise<readonly string[]>;
  /** Removes a socket and nothing else, and has it reported as disconnected, once. */
  unregister(socket: SocketEntry, closeCode: number, nowMs: number): Promise<void>;
  /** Gives up sockets whose node has sent no heartbeat for too long. */
  reap(nowMs: number): Promise<number>;
  /** Enters what a socket wants to see, unless the job is another user's. */
  subscribe(
    socket: SocketEntry,
    jobId: string,
    level: Level,
  ): Promise<'own' | 'foreign' | 'unknown'>;
  /** Enters that a socket wants to see all jobs; answers with the end of the user's log. */
  subscribeAll(socket: SocketEntry, level: Level): Promise<string>;
  unsubscribe(socket: SocketEntry, jobId: string | undefined): Promise<void>;
}

/** What a job's log ends with. */
export interface LogHead {
  readonly userId: string;
  readonly sequence: number;
}

/** An entry of all that a user's jobs said, with the id of the one before it. */
export interface UserLogEntry {
  readonly id: string;
  readonly entry: LogEntry;
}

/** What tells a node of an update; it may get lost. */
export interface Hint extends UserLogEntry {
  readonly previousId: string;
}

/** The outcome of an update; `foreign`: the job is another user's, and it was not added. */
export type Appended =
  | {
      readonly outcome: 'appended';
      /** For the sockets of the user that this node holds; undefined when it holds none. */
      readonly hint?: Hint;
    }
  | { readonly outcome: 'duplicate' | 'foreign' };

/** Updates of jobs, in order and without duplicates; the truth that every socket is served from. */
export interface UpdateLog {
  /**
   * Adds updates in one step, in order, and gives a hint to the other nodes that hold their users'
   * sockets. `lost`: the log has lost what it held, and nothing was added.
   */
  append(entries: readonly LogEntry[]): Promise<readonly Appended[] | 'lost'>;
  /** Puts updates back, unless they are there, and notifies no node. */
  restore(entries: readonly LogEntry[]): Promise<void>;
  /** False when the log has lost what it held, or never held anything. */
  isIntact(): Promise<boolean>;
  /** Says that everything that could be put back is there. */
  markIntact(): Promise<void>;
  /** The next entries of a job after a sequence number. */
  read(jobId: string, afterSequence: number, limit: number): Promise<readonly LogEntry[]>;
  /** The next entries of a user after an id. */
  readUser(userId: string, afterId: string, limit: number): Promise<readonly UserLogEntry[]>;
  /** Ends of jobs' logs; undefined for a job that nothing was said about. */
  heads(jobIds: readonly string[]): Promise<ReadonlyArray<LogHead | undefined>>;
  /** Ends of users' logs. */
  userHeads(userIds: readonly string[]): Promise<readonly string[]>;
}

/** Everything that was published about jobs and is still kept; the log is made again from it. */
export interface UpdateHistory {
  /** Reads from the first to what is the last at the call; in order per job. */
  replay(take: (entry: LogEntry) => Promise<void>): Promise<void>;
}

/** Connections that are committed and not known to be published. */
export interface ConnectionOutbox {
  claim(): Promise<
    { readonly token: string; readonly events: readonly ConnectionEvent[] } | undefined
  >;
  /** Forgets the first `count`; answers with those that came meanwhile. */
  settle(token: string, count: number): Promise<readonly ConnectionEvent[]>;
  release(token: string): Promise<void>;
}

export interface ConnectionPublisher {
  publish(events: readonly ConnectionEvent[]): Promise<void>;
}

/** The way to one client. */
export interface Outbound {
  /** Sends, or closes with 4008 when the client has fallen too far behind. */
  send(frame: Frame): void;
  /** Resolves when more may be sent, or when no receiver is left. */
  room(): Promise<void>;
  close(code: number, reason: string): void;
}

interface Caller {
  readonly userId: string;
  readonly expiresAtMs: number;
}

/** Says who a token speaks for; rejects as auth does, with codes of the registry. */
export interface Authenticator {
  authenticate(token: string): Promise<Caller>;
}

export interface Clock {
  now(): number;
}
