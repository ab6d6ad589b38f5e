import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Unrecorded } from '../history/event.ts';
import { ScenarioResults } from './scenario-results.ts';

function someResults() {
  const recorded: Unrecorded[] = [];
  const results = new ScenarioResults({
    record: (event) => recorded.push(event),
    onProgress: () => undefined,
    log: new PassThrough(),
  });
  const fail = (name: string, message: string) => {
    results.start(name);
    results.end({ name, claims: 'it holds', outcome: 'failed', durationMs: 1, message });
  };
  return { results, recorded, fail };
}

describe('results of scenarios', () => {
  it('have the claim of a failed scenario after its first line', () => {
    const { results, fail } = someResults();
    fail('a', 'the order\nexpected: 1');
    expect(results.all[0]?.message).toBe('the order\nclaim: it holds\nexpected: 1');
  });

  it('have a repeated cause when three failed with the same message, but for its ids', () => {
    const { results, fail } = someResults();
    const stuck = (n: number) =>
      `gave up waiting for the terminal update of job job-${n} after 60000 ms on s-${n}; frames: ${n}`;
    fail('a', stuck(1));
    fail('b', stuck(2));
    fail('c', 'another reason');
    expect(results.repeatedCause).toBeUndefined();
    fail('d', stuck(3));
    expect(results.repeatedCause).toBe(stuck(1));
  });

  it('say which failure a scenario was not played for', () => {
    const { results, recorded, fail } = someResults();
    fail('a', 'the order');
    expect(results.skip({ name: 'b', claims: 'it holds' })).toBe(true);
    expect(recorded.at(-1)).toMatchObject({
      ...{ type: 'scenario-ended', scenario: 'b', outcome: 'inconclusive' },
      message: 'not played, because a failed and --fail-fast was given',
    });
  });
});
