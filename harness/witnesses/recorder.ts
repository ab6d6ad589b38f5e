import type { Unrecorded } from '../history/event.ts';
import type { HistorySource } from '../history/sources.ts';

/** Takes an event into the history, at once. */
export type RecordEvent = (event: Unrecorded) => void;

/** Listens to one source, or reads it, and records what it sees. */
export interface Recorder {
  readonly source: HistorySource;
  /** Events it has recorded. */
  readonly events: number;
  /**
   * Waits until everything that there is now has been recorded. Rejects when it has not been by
   * the deadline, with what is missing.
   */
  settle(deadlineMs: number): Promise<void>;
  /** Stops, and leaves nothing behind where it listened. */
  close(): Promise<void>;
}

/** A recorder could not see everything: the source is incomplete, with this as the reason. */
export class IncompleteSource extends Error {}

/** Rethrows what the last look reported, in the place of the wait that gave up. */
export function rethrowCause(error: Error): never {
  throw error.cause ?? error;
}

/** Settles a recorder and records whether its source is complete. Never rejects. */
export async function closeSource(
  recorder: Recorder,
  record: RecordEvent,
  deadlineMs: number,
): Promise<void> {
  const { source } = recorder;
  try {
    await recorder.settle(deadlineMs);
    record({ type: 'source-closed', source, state: 'complete', events: recorder.events });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    record({ type: 'source-closed', source, state: 'incomplete', events: recorder.events, reason });
  }
}
