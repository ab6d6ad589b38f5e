import type { Writable } from 'node:stream';
import type { ScenarioEnded, Unrecorded } from '../history/event.ts';
import type { Stray } from './player-messages.ts';

/**
 * How a scenario ended. `partial`: not played, because a subject lacks what it requires.
 * `inconclusive`: a fault did not land.
 */
export interface ScenarioResult {
  readonly name: string;
  readonly claims: string;
  readonly outcome: ScenarioEnded['outcome'];
  readonly durationMs: number;
  readonly message?: string;
  /** With `message`: all that is known of the failure, with places in the harness. */
  readonly trace?: string;
}

/** What a run reports while it plays. */
export type ScenarioProgress =
  | { readonly event: 'started'; readonly name: string }
  | ({ readonly event: 'ended' } & ScenarioResult);

/** Where the results of scenarios go. */
export interface ResultSinks {
  readonly record: (event: Unrecorded) => void;
  readonly onProgress: (progress: ScenarioProgress) => void;
  readonly log: Writable;
}

/** A message in a history; the log has all of it. */
const MESSAGE_MAX = 2_000;

/** Scenarios that fail with the same cause before the others are given less time. */
const SAME_CAUSE_MAX = 3;

/** A message without what differs from one scenario to the next: ids, names with numbers, times. */
const withoutIds = (message: string): string =>
  message
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{20,}/g, '#')
    .replaceAll(/\S*\d\S*/g, '#')
    .replaceAll(/; frames: .*/g, '');

/** The results of scenarios, as they come in: recorded, logged and reported. */
export class ScenarioResults {
  readonly #sinks: ResultSinks;
  readonly #results = new Map<string, ScenarioResult>();
  /** Scenarios that run, each with its unhandled errors so far. */
  readonly #running = new Map<string, string[]>();

  constructor(sinks: ResultSinks) {
    this.#sinks = sinks;
  }

  /** Sorted by name. */
  get all(): ScenarioResult[] {
    return [...this.#results.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** The scenario that failed first, if one has. */
  get firstFailed(): string | undefined {
    return [...this.#results.values()].find(({ outcome }) => outcome === 'failed')?.name;
  }

  /** What several scenarios have failed with, if they have. */
  get repeatedCause(): string | undefined {
    const causes = [...this.#results.values()].flatMap(({ outcome, message }) =>
      outcome === 'failed' && message !== undefined ? [message.split('\n')[0] ?? ''] : [],
    );
    const alike = Object.values(Object.groupBy(causes, withoutIds));
    return alike.find((same = []) => same.length >= SAME_CAUSE_MAX)?.[0];
  }

  /** Notes a scenario that is not played because another one failed; always true. */
  skip({ name, claims }: Pick<ScenarioResult, 'name' | 'claims'>): true {
    this.start(name);
    const message = `not played, because ${this.firstFailed} failed and --fail-fast was given`;
    this.end({ name, claims, outcome: 'inconclusive', durationMs: 0, message });
    return true;
  }

  start(name: string): void {
    this.#running.set(name, []);
    this.#sinks.record({ type: 'scenario-started', scenario: name });
    this.#sinks.onProgress({ event: 'started', name });
  }

  end(reported: ScenarioResult): void {
    const { name } = reported;
    const result = withClaim(withStrays(reported, this.#running.get(name) ?? []));
    this.#running.delete(name);
    this.#results.set(name, result);
    const { outcome, message } = result;
    const why = message === undefined ? {} : { message: message.slice(0, MESSAGE_MAX) };
    this.#sinks.record({ type: 'scenario-ended', scenario: name, outcome, ...why });
    if (outcome === 'failed' || outcome === 'inconclusive') {
      const { trace } = result;
      const details = trace === undefined ? '' : `[${name}] ${trace}\n`;
      this.#sinks.log.write(`[${name}] ${outcome}: ${message}\n${details}`);
    }
    this.#sinks.onProgress({ event: 'ended', ...result });
  }

  /**
   * Fails the scenario that caused an unhandled error, also if it has ended. If nothing
   * shows which one it was, fails all that run; if none runs, the last that ended.
   */
  stray({ scenario, message }: Stray): void {
    this.#sinks.log.write(`[${scenario ?? 'scenarios'}] ${message}\n`);
    const running = scenario === undefined ? [...this.#running.keys()] : [scenario];
    const blamed = running.length > 0 ? running : [...this.#results.keys()].slice(-1);
    for (const name of blamed) {
      this.#running.get(name)?.push(message);
      const ended = this.#results.get(name);
      if (ended !== undefined) this.#results.set(name, withStrays(ended, [message]));
    }
  }
}

/** The claim comes second: the first line is the summary that other reports show. */
function withClaim(result: ScenarioResult): ScenarioResult {
  if (result.outcome !== 'failed' || result.message === undefined) return result;
  const [first = '', ...rest] = result.message.split('\n');
  return { ...result, message: [first, `claim: ${result.claims}`, ...rest].join('\n') };
}

function withStrays(result: ScenarioResult, strays: readonly string[]): ScenarioResult {
  if (strays.length === 0) return result;
  const message = [...(result.message === undefined ? [] : [result.message]), ...strays].join('\n');
  return { ...result, outcome: 'failed', message };
}
