import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LIMITS } from './limits.generated.ts';
import { limitValues, parseLimits, readLimits } from './limits.ts';
import { TOPOLOGY } from './topology.generated.ts';

const SERVICES = Object.keys(TOPOLOGY.services);
const LIMIT = 'value: 10, what: sockets, otherwise: refused';
const problemsOf = (text: string): string => {
  try {
    parseLimits({ file: 'limits.yaml', text }, ['websocket']);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no problem';
};

describe('an invalid list of limits is refused with the line and the fix', () => {
  it.each([
    [
      `websockets: { sockets: { ${LIMIT}, unchecked: why } }`,
      'limits.yaml:1: websockets: there is no service websockets; fix: write websocket',
    ],
    [
      `websocket:\n  sockets: { ${LIMIT}, within: a.ts }`,
      'limits.yaml:2: websocket.sockets: no file checks the side `beyond`; fix: add beyond: path, ' +
        'or `unchecked` with the reason',
    ],
    [
      `websocket:\n  sockets: { ${LIMIT}, within: a.ts, beyond: a.ts, unchecked: why }`,
      'limits.yaml:2: websocket.sockets: has checks and is `unchecked`; fix: remove `unchecked`',
    ],
    [
      `websocket:\n  sockets: { value: 0, what: sockets, otherwise: refused, unchecked: why }`,
      'limits.yaml:2: websocket.sockets.value: Too small: expected number to be >=1; fix: correct ' +
        'the value',
    ],
  ])('%j', (text, problem) => {
    expect(problemsOf(text)).toBe(problem);
  });

  it('accepts one that is checked on both sides, and one that says why not', () => {
    expect(problemsOf(`websocket: { a: { ${LIMIT}, within: a.ts, beyond: b.ts } }`)).toBe(
      'no problem',
    );
    expect(problemsOf(`websocket: { a: { ${LIMIT}, unchecked: why } }`)).toBe('no problem');
  });
});

const root = new URL('../../', import.meta.url);
const checked = Object.entries(readLimits(SERVICES)).flatMap(([service, limits]) =>
  Object.entries(limits).flatMap(([name, { within, beyond }]) =>
    within === undefined || beyond === undefined
      ? []
      : [{ limit: `${service} ${name}`, service, name, within, beyond }],
  ),
);

describe('the limits of this system', () => {
  it('have the values that services and suites read (else: pnpm generate)', () => {
    expect(LIMITS).toEqual(limitValues(readLimits(SERVICES)));
  });

  it.each(checked)('checks its number: $limit', ({ service, name, within, beyond }) => {
    const texts = [within, beyond].map((path) => {
      const file = new URL(path, root);
      expect(existsSync(file), path).toBe(true);
      return readFileSync(file, 'utf8');
    });
    const object = /^[a-z]+$/.test(service) ? `LIMITS.${service}` : `LIMITS['${service}']`;
    const isNamed = texts.some(
      (text) =>
        text.includes(`${object}.${name}`) ||
        new RegExp(`\\b${name}\\b[^;]*= LIMITS(\\.${service}|\\['${service}'\\]);`).test(text),
    );
    expect(isNamed, `${within} or ${beyond} uses ${object}.${name}`).toBe(true);
  });
});
