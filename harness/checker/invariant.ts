import type { HistoryEvent } from '../history/event.ts';
import type { HistorySource } from '../history/sources.ts';
import type { Scope } from './scope.ts';

interface InvariantBase {
  /** Kebab-case noun phrase that says what is guaranteed; also the name of its file. */
  readonly name: string;
  /** The guarantee in one sentence. */
  readonly promise: string;
  /** Sources that it depends on: unless all are complete, the verdict is `unknown`. */
  readonly needs: readonly HistorySource[];
  /** Services whose behaviour it judges, by their role; absent: every service. */
  readonly concerns?: readonly string[];
  /** It names events, services or steps of this repository's own domain. */
  readonly domain?: true;
  /** The result is partial when a subject declares that it lacks one of these features. */
  readonly features?: readonly string[];
  /** What helps to repair a violation. */
  readonly diagnosis?: Diagnosis;
  /** The only event types that its checker receives. */
  readonly reads: ReadonlyArray<HistoryEvent['type']>;
}

/** Help with a violation. */
export interface Diagnosis {
  /** What is most often wrong, the likeliest first. */
  readonly causes: readonly string[];
  /** Where to look in the service. */
  readonly look: string;
}

interface ImmediateInvariant extends InvariantBase {
  readonly deadlineMs?: undefined;
  /** @param scope facts shared by all invariants; it has read each event before the checker does */
  readonly start: (scope: Scope) => Checker;
}

/** An invariant about what must happen within a time: until the deadline it is undecided. */
export interface DeadlineInvariant extends InvariantBase {
  /** How long after its cause the expected event may take. */
  readonly deadlineMs: number;
  readonly start: (scope: Scope) => DeadlineChecker;
}

/**
 * A guarantee that a history keeps or breaks. It reads every event once, in order, and then reports
 * its finding, so that all invariants together read a history of any length once. It depends only
 * on what is visible from outside: clients, topics, tables and traces.
 */
export type Invariant = ImmediateInvariant | DeadlineInvariant;

/**
 * Defines an invariant. This is the only way to write one, in this repository and in yours.
 *
 * @throws TypeError when the name is not kebab-case, because reports and file names use it
 */
export function defineInvariant<I extends Invariant>(invariant: I): I {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(invariant.name)) {
    throw new TypeError(`invariant "${invariant.name}": the name must be kebab-case`);
  }
  return Object.freeze(invariant);
}

export interface Checker {
  /**
   * Reads the next event.
   *
   * @param text its line of JSON, where the history was read from a file: a checker that searches
   *   texts can pass over most events by it
   */
  readonly observe: (event: HistoryEvent, text?: string) => void;
  /** Reports the finding; called once, after the last event. */
  readonly finish: () => Finding;
}

export interface DeadlineChecker extends Checker {
  /**
   * What is missing at this time and not late yet, one description each. Can be called at any time
   * and changes nothing, so that a run can wait for it without reading its history again.
   */
  readonly pending: (nowMs: number) => Iterable<string>;
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
  /** Indexes of the events that show it, in order; without any one of them it is not shown. */
  readonly witness: readonly number[];
}

export type Verdict = 'valid' | 'invalid' | 'unknown';

export interface InvariantResult {
  readonly name: string;
  /** What it promises, as a sentence. */
  readonly promise: string;
  readonly verdict: Verdict;
  readonly looked: number;
  /** How many violations there are; the first of them are in `witness`. */
  readonly found?: number;
  readonly witness?: readonly Violation[];
  /** Why it is unknown or partial. */
  readonly reason?: string;
}
