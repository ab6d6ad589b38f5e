import type { Faults } from '../../chaos/faults/all.ts';
import type { ServiceName } from '../kernel/address-book.ts';
import type { Stack } from '../testbed/stack.ts';
import type { World } from './world.ts';

/** What a scenario is given to run with. */
export interface Play {
  readonly world: World;
  /** For scenarios that take something away; they declare `exclusive: true`. */
  readonly stack: Stack;
  /** Cuts, delays, kills, pauses and restarts; a fault is lifted at the end of its scope. */
  readonly faults: Faults;
  /** Aborts at the deadline, or on an unhandled error; the reason says which. */
  readonly signal: AbortSignal;
}

export interface ScenarioOptions {
  /** Kebab-case; also the name of the file. */
  readonly name: string;
  /** A behaviour sentence: what holds if the scenario passes. */
  readonly claims: string;
  /** Services whose processes it pauses or ends; `partial` if one runs outside the stack. */
  readonly controls?: readonly ServiceName[];
  /** How many instances of a service it requires; `partial` if fewer run. */
  readonly instances?: Readonly<Partial<Record<ServiceName, number>>>;
  /** Features that it requires; `partial` if a subject lacks one. */
  readonly needs?: readonly string[];
  /** True: it takes something away from others (a link, a process), so it runs alone. */
  readonly exclusive?: boolean;
  /** True: it waits for long, so it starts before the others that run concurrently. */
  readonly lasting?: boolean;
  /** Default: {@link DEADLINE_MS}. */
  readonly deadlineMs?: number;
  readonly play: (given: Play) => Promise<void>;
}

/** What a run knows about a scenario before it plays it: everything but the function. */
export type ScenarioFacts = Required<Omit<ScenarioOptions, 'play'>>;

export interface Scenario extends ScenarioFacts {
  readonly play: (given: Play) => Promise<void>;
}

/** For a story of a few sagas on a busy machine. */
const DEADLINE_MS = 120_000;

/**
 * Declares a scenario: an end-to-end test against the public API of a running stack. It is data and
 * a function, and knows no test runner. Everything that it does is recorded in the run's history,
 * which the invariants check afterwards, in addition to what the scenario itself asserts.
 */
export const defineScenario = (options: ScenarioOptions): Scenario => ({
  controls: [],
  instances: {},
  needs: [],
  exclusive: false,
  lasting: false,
  deadlineMs: DEADLINE_MS,
  ...options,
});
