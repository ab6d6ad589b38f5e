import { stripVTControlCharacters } from 'node:util';
import { expect, test, vi } from 'vitest';
import { paintsFor } from '../terminal/paints.ts';
import { renderConformance, renderConformanceJunit } from './render.ts';
import { type ConformanceResult, resultOf } from './result.ts';

const about = { service: 'order', rpc: 'GetOrder', promised: 'OK' } as const;
const kept = resultOf({ ...about, check: 'a valid request', seen: undefined });
const broken = resultOf({ ...about, check: 'unknown fields', seen: 'INTERNAL after 3 ms' });
const notLookedAt = resultOf({ ...about, check: 'garbage', seen: 'no port', unknown: true });

const lastLine = (results: readonly ConformanceResult[]) =>
  renderConformance(results).split('\n').at(-1);

test('what is not kept is shown with what was promised and what came', () => {
  const text = renderConformance([kept, broken]);
  expect(text).toContain('order GetOrder, unknown fields');
  expect(text).toContain('promised: OK\n    seen: INTERNAL after 3 ms');
  expect(text).not.toContain('a valid request');
});

test('without paint there is no colour in it, in tables either', () => {
  vi.stubEnv('FORCE_COLOR', '1');
  const painted = renderConformance([kept, broken], paintsFor({ isTTY: true }));
  expect(painted).not.toBe(renderConformance([kept, broken]));
  expect(stripVTControlCharacters(painted)).toBe(renderConformance([kept, broken]));
});

test('the last line is the verdict: broken before not looked at, and nothing asked is no pass', () => {
  expect(lastLine([kept])).toBe('valid: 1 promises, every one is kept');
  expect(lastLine([kept, notLookedAt])).toContain('unknown: 2 promises');
  expect(lastLine([kept, notLookedAt, broken])).toContain('invalid: 3 promises');
  expect(lastLine([])).toContain('unknown: 0 promises');
});

test('in JUnit a broken promise is a failure, and one that was not looked at an error', () => {
  const xml = renderConformanceJunit([kept, broken, notLookedAt]);
  expect(xml).toContain('tests="3" failures="1" errors="1"');
  expect(xml).toContain('<failure message="INTERNAL after 3 ms"');
  expect(xml).toContain('<error message="no port"');
});
