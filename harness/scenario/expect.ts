/**
 * The assertions of Vitest without its runner, which takes ten times as long to load. A scenario
 * may use any other assertion library: whatever it throws is its failure.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  JestAsymmetricMatchers,
  JestChaiExpect,
} from '@vitest/expect';

// Under Vitest they are there already; a second time, they break the first ones.
if (!('toMatchObject' in chai.Assertion.prototype)) {
  chai.use(JestChaiExpect);
  chai.use(JestAsymmetricMatchers);
}

/** Those of Jest's matchers that scenarios use. */
interface Matchers {
  readonly not: Matchers;
  toBe(expected: unknown): void;
  toEqual(expected: unknown): void;
  toMatchObject(expected: object): void;
  toBeGreaterThan(bound: number | bigint): void;
  toBeGreaterThanOrEqual(bound: number | bigint): void;
  toBeLessThan(bound: number | bigint): void;
  toBeLessThanOrEqual(bound: number | bigint): void;
  toMatch(expected: RegExp | string): void;
  toContain(item: unknown): void;
  toHaveLength(length: number): void;
  toHaveProperty(name: string, value?: unknown): void;
}

interface Expect {
  /** @param label opens the message of a failure */
  (value: unknown, label?: string): Matchers;
  any(type: unknown): unknown;
  stringMatching(expected: RegExp | string): unknown;
}

export const expect = Object.assign(
  (value: unknown, label?: string) => chai.expect(value, label),
  chai.expect,
  (globalThis as Record<symbol, object>)[ASYMMETRIC_MATCHERS_OBJECT],
) as unknown as Expect;
