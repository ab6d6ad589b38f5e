import { GateError } from '../error.ts';

/** Calls between two looks at the clock. */
const CALLS_PER_LOOK = 256;
/** How long the comparison of one document may take. */
export const DOCUMENT_BUDGET_MS = 30_000;

/** A comparison took too long; what was not compared is unknown. */
export class BudgetError extends GateError {
  constructor(seconds: number) {
    super(`the comparison did not end within ${seconds} s`, {
      fix: 'compare a smaller document, or raise budgetSeconds in gate.yaml',
    });
  }
}

/** A limit to the time of one comparison, because schemas can be made that take for ever. */
export class Budget {
  readonly #ms: number;
  readonly #endMs: number;
  #calls = 0;

  constructor(ms: number = DOCUMENT_BUDGET_MS) {
    this.#ms = ms;
    this.#endMs = performance.now() + ms;
  }

  /** Throws a {@link BudgetError} when the time is over. */
  spend(): void {
    this.#calls += 1;
    if (this.#calls % CALLS_PER_LOOK === 0) this.check();
  }

  /** Like {@link spend}, for a step that is long by itself. */
  check(): void {
    if (performance.now() > this.#endMs) throw new BudgetError(this.#ms / 1000);
  }
}
