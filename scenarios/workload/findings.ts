import { isDeepStrictEqual } from 'node:util';

const VALUE_CHARS_MAX = 300;
const FINDINGS_MAX = 8;

const inBrief = (value: unknown): string =>
  (
    JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}` : part)) ?? 'undefined'
  ).slice(0, VALUE_CHARS_MAX);

/** Differences between the system and the model: one of them must not hide the others. */
export class Findings {
  readonly #of: string;
  readonly #found: string[];

  /** @param of names the customer in each finding */
  constructor(of: string, found: string[] = []) {
    this.#of = of;
    this.#found = found;
  }

  /** For another part of the same customer. */
  about(what: string): Findings {
    return new Findings(`${this.#of}, ${what}`, this.#found);
  }

  add(problem: string): void {
    this.#found.push(`${this.#of}: ${problem}`);
  }

  equal(what: string, actual: unknown, expected: unknown): void {
    if (isDeepStrictEqual(actual, expected)) return;
    this.add(`${what} is ${inBrief(actual)}, and not ${inBrief(expected)}`);
  }

  get all(): readonly string[] {
    return this.#found;
  }

  get text(): string {
    const more = this.#found.length - FINDINGS_MAX;
    const rest = more > 0 ? [`and ${more} more`] : [];
    return [...this.#found.slice(0, FINDINGS_MAX), ...rest].join('\n');
  }
}
