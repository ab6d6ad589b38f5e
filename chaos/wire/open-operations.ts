/** The operations of one connection that are not answered yet. */
import type { Operation, OperationEnd, Side } from './protocol.ts';
import type { Recorder } from './recorder.ts';
import {
  type ArmedWireRule,
  couldMatch,
  matches,
  needsWholeAnswer,
  type Place,
  type RuleBook,
  type Seen,
  type Strike,
} from './rules.ts';

export interface OpenOperation {
  readonly operation: Operation;
  readonly from: Side;
  readonly startMs: number;
  /** Passed on in place of the dependency's answer. */
  answerWith?: Buffer;
  answered?: true;
}

const NO_STRIKES: readonly Strike[] = [];

export class OpenOperations {
  readonly #place: Place;
  readonly #rules: RuleBook;
  readonly #recorder: Recorder;
  readonly #open = new Map<number, OpenOperation>();

  constructor(place: Place, rules: RuleBook, recorder: Recorder) {
    this.#place = place;
    this.#rules = rules;
    this.#recorder = recorder;
  }

  get(id: number): OpenOperation | undefined {
    return this.#open.get(id);
  }

  /** Whether no earlier operation waits for its answer. */
  isFirst(id: number): boolean {
    const [first] = this.#open.keys();
    return first === id;
  }

  /** @returns the rules that hit their requests */
  begin(from: Side, begins: readonly Operation[]): readonly Strike[] {
    const startMs = performance.now();
    let strikes = NO_STRIKES;
    for (const operation of begins) {
      this.#open.set(operation.id, { operation, from, startMs });
      const candidates = this.candidates(operation, 'request');
      if (candidates.length > 0) strikes = [...strikes, ...this.strikes(candidates, operation)];
    }
    return strikes;
  }

  #markAnswered(id: number): void {
    const open = this.#open.get(id);
    if (open) open.answered = true;
  }

  /** @param lost why the answer reaches no one */
  end(end: OperationEnd, lost?: string): void {
    const open = this.#open.get(end.id);
    if (open === undefined) return;
    this.#open.delete(end.id);
    this.#recorder.record(this.#place, open, end, lost);
  }

  /** What is not answered by now never is. */
  endAll(reason: string): void {
    for (const id of this.#open.keys()) this.end({ id, outcome: 'error' }, reason);
  }

  candidates(
    operation: Operation,
    point: 'request' | 'answer' | 'answered',
  ): readonly ArmedWireRule[] {
    return this.#rules.candidates(this.#place.link, operation.name, point);
  }

  strikes(
    candidates: readonly ArmedWireRule[],
    operation: Operation,
    end?: OperationEnd,
  ): readonly Strike[] {
    const seen: Seen = { operation, end };
    let strikes = NO_STRIKES;
    for (const armed of candidates) {
      const strike = matches(armed, seen) && this.#rules.strike(armed, this.#place, seen);
      if (strike) strikes = [...strikes, strike];
    }
    return strikes;
  }

  /** The rules that hit an answer as it begins; undefined: they need to see all of it first. */
  strikesAtStart(answers: readonly number[]): readonly Strike[] | undefined {
    let found: [Operation, readonly ArmedWireRule[]][] | undefined;
    for (const id of answers) this.#markAnswered(id);
    for (const id of answers) {
      const open = this.#open.get(id);
      if (open === undefined) continue;
      if (open.answerWith !== undefined) return undefined;
      const { operation } = open;
      const all = this.candidates(operation, 'answer');
      if (all.length === 0) continue;
      const candidates = all.filter((armed) => couldMatch(armed, operation));
      const whole = (armed: ArmedWireRule) =>
        needsWholeAnswer(armed.rule) || !matches(armed, { operation });
      if (candidates.some(whole)) return undefined;
      found = [...(found ?? []), [operation, candidates]];
    }
    return (
      found?.flatMap(([operation, candidates]) => this.strikes(candidates, operation)) ?? NO_STRIKES
    );
  }
}
