import { stripVTControlCharacters } from 'node:util';
import { expect, test, vi } from 'vitest';
import { paintsFor } from '../terminal/paints.ts';
import { renderConformance, renderConformanceJunit } from './render.ts';
import { type ConformanceResult, resultOf } from './result.ts';

const about = { service: 'order', rpc: 'GetOrder', expected: 'OK' } as const;
const passed = resultOf({ ...about, check: 'a valid request', seen: undefined });
const failed = resultOf({ ...about, check: 'unknown fields', seen: 'INTERNAL after 3 ms' });
const skipped = resultOf({ ...about, check: 'garbage', seen: 'no port', skipped: true });

const lastLine = (results: readonly ConformanceResult[]) =>
  renderConformance(results).split('\n').at(-1);

test('a failed check is shown with what was expected and what was seen', () => {
  const text = renderConformance([passed, failed]);
  expect(text).toContain('order GetOrder, unknown fields');
  expect(text).toContain('expected: OK\n    seen: INTERNAL after 3 ms');
  expect(text).not.toContain('a valid request');
});

test('without paint there is no colour, in tables either', () => {
  vi.stubEnv('FORCE_COLOR', '1');
  const painted = renderConformance([passed, failed], paintsFor({ isTTY: true }));
  expect(painted).not.toBe(renderConformance([passed, failed]));
  expect(stripVTControlCharacters(painted)).toBe(renderConformance([passed, failed]));
});

test('the last line is the verdict: failed before skipped, and no check at all does not pass', () => {
  expect(lastLine([passed])).toBe('valid: 1 checks, all passed');
  expect(lastLine([passed, skipped])).toContain('unknown: 2 checks');
  expect(lastLine([passed, skipped, failed])).toContain('invalid: 3 checks');
  expect(lastLine([])).toContain('unknown: 0 checks');
});

test('in JUnit a failed check is a failure, and a skipped one an error', () => {
  const xml = renderConformanceJunit([passed, failed, skipped]);
  expect(xml).toContain('tests="3" failures="1" errors="1"');
  expect(xml).toContain('<failure message="INTERNAL after 3 ms"');
  expect(xml).toContain('<error message="no port"');
});
