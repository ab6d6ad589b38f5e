import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { expect as expectInScenario } from '../scenario/expect.ts';
import { failureText, failureTrace } from './failure-text.ts';

const OWN = fileURLToPath(import.meta.url);

function failureOf(act: () => void): string[] {
  try {
    act();
  } catch (error) {
    return failureText(error, OWN).split('\n');
  }
  throw new Error('it did not fail');
}

describe('the text of a failed scenario', () => {
  it('says what was looked at, what was expected and what came, and one place', () => {
    const lines = failureOf(() => expectInScenario(503, 'the status of a query').toBe(200));
    expect(lines).toEqual([
      'the status of a query',
      'expected: 200',
      'came: 503',
      expect.stringMatching(/^at .*failure-text\.unit\.test\.ts:\d+:\d+\)?$/),
    ]);
  });

  it('keeps how values are compared', () => {
    const lines = failureOf(() => expectInScenario(3, 'updates').toBeGreaterThan(5));
    expect(lines.slice(0, 3)).toEqual(['updates', 'expected: to be greater than 5', 'came: 3']);
  });

  it('shows short lists whole, and long values by their difference', () => {
    const short = failureOf(() => expectInScenario(['A', 'B'], 'the steps').toEqual(['A']));
    expect(short.slice(0, 3)).toEqual(['the steps', 'expected: ["A"]', 'came: ["A","B"]']);
    const many = (last: string) => Array.from({ length: 60 }, (_, n) => (n === 59 ? last : 'x'));
    const long = failureOf(() => expectInScenario(many('y'), 'all').toEqual(many('z')));
    expect(long.length).toBeLessThan(20);
    expect(long.join('\n')).not.toContain('AssertionError');
  });

  it('names the instance and the cause, and leaves the harness out', () => {
    const cause = new Error('socket s was closed (1006) on websocket-2');
    const error = new Error('gave up waiting for a frame', { cause });
    error.stack = `Error: x\n    at f (${new URL('../clients/socket.ts', import.meta.url).href}:1:1)`;
    expect(failureText(error, '/elsewhere/a.ts').split('\n').slice(0, 3)).toEqual([
      'gave up waiting for a frame',
      'because: socket s was closed (1006) on websocket-2',
      'instance: websocket-2',
    ]);
    expect(failureTrace(error)).toContain('at f (harness/clients/socket.ts:1:1)');
  });
});
