import type { Unrecorded } from '../history/event.ts';
import type { HistorySource } from '../history/sources.ts';
import type { AddressBook } from '../kernel/address-book.ts';
import type { RunEntities } from './run-entities.ts';

/** Adds an event to the history. */
export type RecordEvent = (event: Unrecorded) => void;

/** What a witness is given. */
export interface WitnessContext {
  readonly book: AddressBook;
  /** Unique; part of the name of whatever a witness creates on the stack. */
  readonly run: string;
  /** When the run began: what is older belongs to an earlier run on the same stack. */
  readonly beganMs: number;
  readonly record: RecordEvent;
  /** What all witnesses together have recorded so far. */
  readonly entities: RunEntities;
}

/** One observer of a running stack. One file each, listed in `all.ts`. */
export interface Witness {
  readonly name: string;
  /** What it records; a source is complete when all its witnesses have read it to the end. */
  readonly sources: readonly HistorySource[];
  /**
   * `snapshot`: reads what the stack holds when it has settled, or stops recording before others
   * read. `stream`: reads up to the end of a log, after the snapshots.
   */
  readonly settles: 'snapshot' | 'stream';
  /** How long {@link Recorder.settle} may take; the default suits a stream. */
  readonly settleDeadlineMs?: number;
  /**
   * When it resolves, nothing that happens from now on is missed. Undefined: this stack has nothing
   * to observe, and the history does not have the source.
   */
  start(context: WitnessContext): Promise<Recorder | undefined>;
}

/** A witness that has started. */
export interface Recorder {
  /** How many events it has recorded. */
  readonly events: number;
  /** Whether nothing that it can see is under way in the stack. Absent: it cannot tell. */
  drained?(): Promise<boolean>;
  /** Records everything up to now. Rejects when it could not, with what is missing. */
  settle(deadlineMs: number): Promise<void>;
  /** Stops, and removes what it created on the stack. */
  close(): Promise<void>;
}

/** A witness could not record everything: its sources are incomplete, with this as the reason. */
export class IncompleteSource extends Error {}

/** Rethrows the error of the last attempt instead of the wait that gave up. */
export function rethrowCause(error: Error): never {
  throw error.cause ?? error;
}

/** Reading a state may take many requests: of a long run, thousands of orders. */
const SNAPSHOT_DEADLINE_MS = 60_000;

/** A witness that reads one state once, when the stack has settled. */
export const snapshot = (
  name: string,
  source: HistorySource,
  read: (context: WitnessContext) => Promise<number>,
  drained?: (context: WitnessContext) => Promise<boolean>,
): Witness => ({
  name,
  sources: [source],
  settles: 'snapshot',
  settleDeadlineMs: SNAPSHOT_DEADLINE_MS,
  async start(context) {
    let events = 0;
    return {
      get events() {
        return events;
      },
      ...(drained === undefined ? {} : { drained: () => drained(context) }),
      async settle() {
        events = await read(context);
      },
      async close() {},
    };
  },
});
