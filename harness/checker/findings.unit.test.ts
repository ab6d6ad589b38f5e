import { expect, it } from 'vitest';
import { Findings } from './findings.ts';

it('a deadline that passed is a violation, and undecided if the machine was starved', () => {
  const findings = new Findings();
  findings.late(undefined, () => 'Job a had not ended.', 3);
  findings.late('the machine was starved', () => 'Job b had not ended.', 4);
  expect(findings.finding()).toMatchObject({
    found: 1,
    violations: [{ message: 'Job a had not ended.', witness: [3] }],
    undecided: 'Job b had not ended. But the machine was starved',
  });
});
