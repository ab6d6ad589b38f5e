import { GateError } from '../error.ts';

/** Calls between two looks at the clock. */
const CALLS_PER_LOOK = 256;
/** How much time of the processor the comparison of one document may take. */
export const DOCUMENT_BUDGET_MS = 30_000;

/** A comparison took too long; what was not compared is unknown. */
export class BudgetError extends GateError {
  constructor(seconds: number) {
    super(`the comparison did not end within ${seconds} s`, {
      fix: 'compare a smaller document, or raise budgetSeconds in gate.yaml',
    });
  }
}

/** Time of the processor: how busy the machine is must not change an answer. */
function usedUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** A limit to the time of one comparison, because schemas can be made that take for ever. */
export class Budget {
  readonly #ms: number;
  readonly #endUs: number;
  #calls = 0;

  constructor(ms: number = DOCUMENT_BUDGET_MS) {
    this.#ms = ms;
    this.#endUs = usedUs() + ms * 1000;
  }

  /** Throws a {@link BudgetError} when the time is over. */
  spend(): void {
    this.#calls += 1;
    if (this.#calls % CALLS_PER_LOOK === 0) this.check();
  }

  /** Like {@link spend}, for a step that is long by itself. */
  check(): void {
    if (usedUs() > this.#endUs) throw new BudgetError(this.#ms / 1000);
  }
}
