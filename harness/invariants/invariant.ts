import type { HistoryEvent } from '../history/event.ts';
import type { HistorySource } from '../history/sources.ts';
import type { Scope } from './scope.ts';

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
  /** The only events that its checker is given. */
  readonly reads: ReadonlyArray<HistoryEvent['type']>;
  /** How long what is promised may take, where that is a time: until then it is undecided. */
  readonly patienceMs?: number;
  /** @param scope what the shared pass knows; it has taken each event before the checker has */
  readonly start: (scope: Scope) => Checker;
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
  /** How many there are in all. */
  readonly found: number;
  /** What could not be judged, and why: without a violation the verdict is then `unknown`. */
  readonly undecided?: string;
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
  /** How many violations there are; the first of them are in `witness`. */
  readonly found?: number;
  readonly witness?: readonly Violation[];
  /** Why it is unknown or partial. */
  readonly reason?: string;
}
