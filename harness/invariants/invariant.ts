import type { HistoryEvent, HistorySource } from '../history/event.ts';

/**
 * An invariant is a promise that a history keeps or breaks. It is fed every event once, in order,
 * and then asked for its finding, so that all of them together read a history of any length once.
 * It reads public surfaces only: what clients, topics, tables and traces showed.
 */
export interface Invariant {
  /** Kebab-case; also the file's name. */
  readonly name: string;
  /** One sentence: what is promised. */
  readonly promise: string;
  /** Without these sources complete, nothing can be said: the verdict is `unknown`. */
  readonly needs: readonly HistorySource[];
  /** Features that, when a subject declares them absent, make the result partial. */
  readonly features?: readonly string[];
  readonly start: () => Checker;
}

export interface Checker {
  /** Takes the next event. */
  readonly observe: (event: HistoryEvent) => void;
  /** Says what was found; called once, after the last event. */
  readonly finish: () => Finding;
}

export interface Finding {
  /** How many things it could judge (jobs, messages, frames); 0 makes the verdict `unknown`. */
  readonly looked: number;
  /** The first violations, each with the fewest events that show it. At most 10. */
  readonly violations: readonly Violation[];
}

export interface Violation {
  /** What was seen instead of what was promised, in one sentence with the ids in it. */
  readonly message: string;
  /** Indexes of the events that show it, in order: leave one out and it is not shown. */
  readonly witness: readonly number[];
}

export type Verdict = 'valid' | 'invalid' | 'unknown';

export interface InvariantResult {
  readonly name: string;
  readonly verdict: Verdict;
  readonly looked: number;
  readonly witness?: readonly Violation[];
  /** Why it is unknown or partial. */
  readonly reason?: string;
}
