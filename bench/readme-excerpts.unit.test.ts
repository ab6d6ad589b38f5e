import { expect, it } from 'vitest';
import { inBrief } from './readme-excerpts.ts';

it('shows the first two violated invariants in full', () => {
  const output = [
    ...['✗ scenario s failed', '    came: b', '✗ one: invalid', '    observed: x'],
    ...['✗ two: invalid', '    observed: y', '✗ three: invalid', '    observed: z'],
    ...['No fault hit a service at work: …', 'INVALID: run r', '0 of 1 scenarios passed'],
  ].join('\n');
  expect(inBrief(output).split('\n')).toEqual([
    ...['✗ scenario s failed', '    came: b', '✗ one: invalid', '    observed: x'],
    ...['✗ two: invalid', '    observed: y', '…', 'INVALID: run r', '0 of 1 scenarios passed'],
  ]);
});

it('shows the exposure of two services', () => {
  const output = [
    ...['$ pnpm sagaproof verify', '', 'Faults at work:', 'a  1 kill', 'b  2 kills', 'c  0 kills'],
    ...['Not judged while a fault acted:', '  a: x', 'VALID: run r'],
  ].join('\n');
  expect(inBrief(output).split('\n')).toEqual([
    ...[
      '$ pnpm sagaproof verify',
      'Faults at work:',
      'a  1 kill',
      'b  2 kills',
      '…',
      'VALID: run r',
    ],
  ]);
});

it('leaves a short output as it is', () => {
  expect(inBrief('a\nVALID: run r')).toBe('a\nVALID: run r');
});
