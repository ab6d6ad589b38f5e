import { expect } from 'vitest';
import type { ErrorCode } from '#contracts/spec/errors/registry.ts';
import type { Outcome } from '#harness/contracts/consumer/contract.ts';

/** The consumer made this of the answer; properties that are not named may be anything. */
export const becomes =
  (value: object) =>
  (outcome: Outcome<unknown>): void =>
    expect(outcome).toMatchObject({ kind: 'done', value });

/** The consumer is content, and makes nothing of the answer. */
export const succeeds = (outcome: Outcome<unknown>): void =>
  expect(outcome).toEqual({ kind: 'done', value: undefined });

/** The consumer fails with a code of the error registry. */
export const failsWith =
  (code: ErrorCode) =>
  (outcome: Outcome<unknown>): void =>
    expect(outcome).toMatchObject({ kind: 'failed', error: { code } });
