import { expect, it } from 'vitest';
import { foldViolations } from './fold-violations.ts';

it('joins violations that differ in ids only, and puts what is wrong by itself first', () => {
  const frame = (n: number) => ({
    message: `Socket socket-${n} got update ${n} twice.`,
    witness: [n, n + 1],
  });
  const alone = { message: 'A frame does not match its schema.', witness: [9] };
  expect(foldViolations([frame(1), frame(2), alone, frame(3)])).toEqual([
    { ...alone, count: 1 },
    { ...frame(1), count: 3 },
  ]);
});
