import { describe, expect, it } from 'vitest';
import { endingOf } from './endings.ts';
import { FACTS } from './facts.ts';
import { VARIANTS, type Variant } from './variants.ts';

const variant = (name: string) => VARIANTS.find((one) => one.name === name) as Variant;
const end = (name: string, state: string, reason?: string, isSlow = false) =>
  endingOf(variant(name), FACTS.sagas, { state, reason, isSlow });

describe('the ending of an order', () => {
  it('is that of its variant', () => {
    expect(end('approved', 'SUCCEEDED')).toEqual({ status: 'APPROVED', state: 'SUCCEEDED' });
    expect(end('card-declined', 'FAILED')).toEqual({ status: 'REJECTED', state: 'FAILED' });
    expect(end('cancelled', 'SUCCEEDED')).toMatchObject({ status: 'CANCELLED' });
    expect(end('cancelled-too-late', 'FAILED')).toMatchObject({ status: 'APPROVED' });
  });

  it('may be a rejection when a step timed out, if there was time for that', () => {
    expect(end('approved', 'FAILED', 'step-timed-out', true)).toMatchObject({ status: 'REJECTED' });
    expect(() => end('approved', 'FAILED', 'step-timed-out')).toThrow(/step-timed-out/);
    expect(() => end('approved', 'FAILED', 'out-of-stock', true)).toThrow(/out-of-stock/);
  });

  it('is never another one', () => {
    expect(() => end('card-declined', 'SUCCEEDED')).toThrow(
      'the job of an order that was to be REJECTED ended as SUCCEEDED',
    );
    expect(() => end('cancelled', 'FAILED', 'step-timed-out', true)).toThrow(/CANCELLED/);
  });
});
