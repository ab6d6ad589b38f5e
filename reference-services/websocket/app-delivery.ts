import { ERRORS } from '#contracts/spec/errors/registry.ts';
import {
  decideDelivery,
  type Frame,
  frameOf,
  isAfter,
  isVisible,
  type Level,
  type LogEntry,
} from './domain.ts';
import type {
  Hint,
  LogHead,
  Outbound,
  SocketEntry,
  SocketRegistry,
  UpdateLog,
  UserLogEntry,
} from './ports.ts';

/** Entries of a log that are read at once. */
const PAGE = 100;
/** Jobs for which a subscription to all remembers what was sent by another subscription. */
const SENT_BEFORE_MAX = 1_000;

/** What a socket wants to see of one job. */
export interface JobSubscription {
  readonly level: Level;
  /** Everything up to this update was sent, or was nothing for this level. */
  sequence: number;
  /** `opening`: nothing may be sent yet; `pending`: nothing was ever said about the job. */
  state: 'opening' | 'pending' | 'open';
  readonly sinceMs: number;
  readonly reading: Reading;
}

/** What a socket wants to see of all jobs of its user. */
export interface AllSubscription {
  readonly level: Level;
  /** The last entry of the user's log that was looked at. */
  cursor: string;
  state: 'opening' | 'open';
  readonly reading: Reading;
  /** By job, what a subscription of its own had sent before it ended. */
  readonly sentBefore: Map<string, number>;
}

interface Reading {
  underWay: boolean;
  /** Something came while it was under way: it has to look again. */
  again: boolean;
}

export const notReading = (): Reading => ({ underWay: false, again: false });

/** One connected socket. */
export interface Session {
  readonly socket: SocketEntry;
  readonly outbound: Outbound;
  readonly jobs: Map<string, JobSubscription>;
  all: AllSubscription | undefined;
  isClosed: boolean;
}

export interface DeliveryParts {
  readonly log: UpdateLog;
  readonly registry: Pick<SocketRegistry, 'unsubscribe'>;
  /** Called with a failure that the next comparison makes up for. */
  readonly onFailure: (error: unknown) => void;
}

/** Brings updates to sockets: from hints when nothing is missing, else from the log. */
export class Delivery {
  readonly #parts: DeliveryParts;
  /** One frame for all sockets that see an entry at one level. */
  readonly #frames = new WeakMap<LogEntry, Map<Level, Frame>>();

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Ends a subscription to a job that is not there for this user. */
  refuse(session: Session, jobId: string, requestId?: string): void {
    const { registry, onFailure } = this.#parts;
    session.jobs.delete(jobId);
    session.outbound.send({
      type: 'error',
      code: 'job-not-found',
      title: ERRORS['job-not-found'].title,
      jobId,
      ...(requestId === undefined ? {} : { requestId }),
    });
    registry.unsubscribe(session.socket, jobId).catch(onFailure);
  }

  /** Tells a session of an update of its user. */
  offer(session: Session, hint: Hint): void {
    const { update } = hint.entry;
    const own = session.jobs.get(update.jobId);
    if (own !== undefined) this.#offerToJob(session, own, hint.entry);
    if (session.all !== undefined) this.#offerToAll(session, session.all, hint);
  }

  #offerToJob(session: Session, own: JobSubscription, entry: LogEntry): void {
    if (own.state === 'opening') {
      own.reading.again = true;
      return;
    }
    own.state = 'open';
    const decision = decideDelivery(own, entry.update);
    if (decision.kind === 'deliver') this.#sendToJob(session, own, entry);
    else if (decision.kind === 'gap') this.catchUp(session, entry.update.jobId);
  }

  #offerToAll(session: Session, all: AllSubscription, hint: Hint): void {
    if (all.state === 'opening') all.reading.again = true;
    else if (!isAfter(hint.id, all.cursor)) return;
    else if (isAfter(hint.previousId, all.cursor)) this.catchUpAll(session);
    else this.#sendToAll(session, all, hint);
  }

  /** Compares a session with the ends of logs, and reads what it has not seen. */
  compare(
    session: Session,
    heads: ReadonlyMap<string, LogHead | undefined>,
    userHead: string,
  ): void {
    for (const [jobId, own] of session.jobs) {
      const head = heads.get(jobId);
      if (head === undefined || own.state === 'opening') continue;
      if (head.userId !== session.socket.userId) this.refuse(session, jobId);
      else if (head.sequence > own.sequence) this.catchUp(session, jobId);
    }
    const { all } = session;
    if (all?.state === 'open' && isAfter(userHead, all.cursor)) this.catchUpAll(session);
  }

  /** Reads a job's log and sends what is new. Never rejects: the next comparison tries again. */
  catchUp(session: Session, jobId: string): void {
    const own = session.jobs.get(jobId);
    if (own === undefined) return;
    this.#read(own.reading, async () => {
      const isCurrent = () => !session.isClosed && session.jobs.get(jobId) === own;
      const entries = await this.#parts.log.read(jobId, own.sequence, PAGE);
      for (const entry of entries) {
        if (!isCurrent()) return false;
        if (entry.update.userId !== session.socket.userId) {
          this.refuse(session, jobId);
          return false;
        }
        own.state = 'open';
        this.#sendToJob(session, own, entry);
        await session.outbound.room();
      }
      return isCurrent() && entries.length === PAGE;
    });
  }

  /** Reads the user's log and sends what is new. */
  catchUpAll(session: Session): void {
    const { all } = session;
    if (all === undefined) return;
    this.#read(all.reading, async () => {
      const isCurrent = () => !session.isClosed && session.all === all;
      const entries = await this.#parts.log.readUser(session.socket.userId, all.cursor, PAGE);
      for (const entry of entries) {
        if (!isCurrent()) return false;
        this.#sendToAll(session, all, entry);
        await session.outbound.room();
      }
      return isCurrent() && entries.length === PAGE;
    });
  }

  /** One reader at a time; it goes on while `page` says that there is more, or something came. */
  #read(reading: Reading, page: () => Promise<boolean>): void {
    reading.again = true;
    if (reading.underWay) return;
    reading.underWay = true;
    const run = async () => {
      try {
        while (reading.again) {
          reading.again = false;
          reading.again = (await page()) || reading.again;
        }
      } finally {
        // In the same turn as the last look at `again`, so that nothing falls in between.
        reading.underWay = false;
      }
    };
    run().catch(this.#parts.onFailure);
  }

  #frame(entry: LogEntry, level: Level): Frame {
    const ofEntry = this.#frames.get(entry) ?? new Map<Level, Frame>();
    const known = ofEntry.get(level);
    if (known !== undefined) return known;
    const frame = frameOf(entry, level);
    this.#frames.set(entry, ofEntry.set(level, frame));
    return frame;
  }

  /** In order and at most once for any caller: what was sent is known before anything can wait. */
  #sendToJob(session: Session, own: JobSubscription, entry: LogEntry): void {
    const { update } = entry;
    if (session.isClosed || update.sequence <= own.sequence) return;
    own.sequence = update.sequence;
    if (isVisible(update, own.level)) session.outbound.send(this.#frame(entry, own.level));
  }

  #sendToAll(session: Session, all: AllSubscription, { id, entry }: UserLogEntry): void {
    if (session.isClosed || !isAfter(id, all.cursor)) return;
    all.cursor = id;
    const { update } = entry;
    // A subscription of its own serves the job; when that ends, what it has sent is not sent again.
    if (session.jobs.has(update.jobId)) return;
    if (update.sequence <= (all.sentBefore.get(update.jobId) ?? 0)) return;
    if (isVisible(update, all.level)) session.outbound.send(this.#frame(entry, all.level));
  }
}

/** Remembers what a job's own subscription has sent, for the one to all jobs. */
export function rememberSent(all: AllSubscription, jobId: string, sequence: number): void {
  all.sentBefore.set(jobId, sequence);
  const [oldest] = all.sentBefore.keys();
  if (all.sentBefore.size > SENT_BEFORE_MAX && oldest !== undefined) all.sentBefore.delete(oldest);
}
