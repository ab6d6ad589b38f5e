import { describe, expect, it } from 'vitest';
import { problemOf } from './frames.ts';

const update = (sequence: number, kind: string, step?: string) => ({
  ...{ type: 'update', sequence, kind },
  ...(step === undefined ? {} : { step }),
});
const whole = [
  update(1, 'STARTED'),
  update(2, 'STEP_COMPLETED', 'RESERVE_STOCK'),
  update(3, 'SUCCEEDED'),
];

describe('the updates of an ended job', () => {
  it('have nothing wrong when they are complete', () => {
    expect(problemOf(whole)).toBeUndefined();
  });

  it.each([
    ['a gap', [whole[0], whole[2]], 'its updates came as 1, 3'],
    ['a duplicate', [whole[0], whole[0], whole[1], whole[2]], 'its updates came as 1, 1, 2, 3'],
    ['no end', whole.slice(0, 2), '0 of its updates end it'],
    ['two ends', [...whole, update(4, 'FAILED')], '2 of its updates end it'],
    [
      'a step that is done twice',
      [whole[0], whole[1], update(3, 'STEP_COMPLETED', 'RESERVE_STOCK'), update(4, 'SUCCEEDED')],
      'STEP_COMPLETED RESERVE_STOCK came twice',
    ],
  ])('show %s', (_, updates, problem) => {
    expect(problemOf(updates as typeof whole)).toBe(problem);
  });
});
