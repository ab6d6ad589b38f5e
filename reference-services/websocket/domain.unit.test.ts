import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { websocketMessageCheck } from '#contracts/spec/asyncapi.ts';
import { jobOf, updatesOf } from './domain.testkit.ts';
import {
  decideDelivery,
  decideHandshake,
  frameOf,
  fullAllowance,
  type Handshake,
  isAfter,
  isVisible,
  type Level,
  spend,
} from './domain.ts';

const SEED = Number(process.env['FAST_CHECK_SEED'] ?? 20_261_122);
const LEVELS: readonly Level[] = ['outcome', 'progress', 'detail'];
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const updates = updatesOf('job', ['PROGRESS', 'DETAIL', 'PROGRESS', 'OUTCOME']);
const at = (sequence: number) => {
  const update = updates[sequence - 1];
  if (update === undefined) throw new Error(`there is no update ${sequence}`);
  return update;
};

describe('an update for a subscriber', () => {
  it.each<[string, Level, number, number, string]>([
    ['the next one', 'detail', 1, 2, 'deliver'],
    ['the next one of the level, past others', 'progress', 1, 3, 'deliver'],
    ['the only one of the level', 'outcome', 0, 4, 'deliver'],
    ['one before which another is missing', 'detail', 1, 3, 'gap'],
    ['one before which one of the level is missing', 'progress', 0, 3, 'gap'],
  ])('is judged by what it saw: %s', (_, level, sequence, next, kind) => {
    expect(decideDelivery({ level, sequence }, at(next))).toEqual({ kind });
  });

  it('is ignored when it was seen', () => {
    expect(decideDelivery({ level: 'detail', sequence: 3 }, at(3))).toEqual({
      kind: 'ignored',
      reason: 'duplicate',
    });
  });

  it('is ignored when it is for another level', () => {
    expect(decideDelivery({ level: 'progress', sequence: 1 }, at(2))).toEqual({
      kind: 'ignored',
      reason: 'level',
    });
  });

  it(`is delivered in order, without a gap or a duplicate, whatever comes (seed ${SEED})`, () => {
    const level = fc.constantFrom('OUTCOME', 'PROGRESS', 'DETAIL');
    const anything = fc
      .array(level as fc.Arbitrary<'OUTCOME'>, { minLength: 1, maxLength: 20 })
      .chain((levels) => {
        const all = updatesOf('job', levels);
        const arrivals = fc.array(fc.nat({ max: all.length - 1 }), { maxLength: 60 });
        return fc.tuple(fc.constant(all), arrivals, fc.constantFrom(...LEVELS));
      });
    fc.assert(
      fc.property(anything, ([all, arrivals, wanted]) => {
        const sent: number[] = [];
        let sequence = 0;
        const send = (update: (typeof all)[number]) => {
          if (isVisible(update, wanted)) sent.push(update.sequence);
          sequence = update.sequence;
        };
        let logged = 0;
        for (const index of arrivals) {
          // A hint is never before the log has it.
          logged = Math.max(logged, index + 1);
          const update = all[index];
          if (update === undefined) continue;
          const decision = decideDelivery({ level: wanted, sequence }, update);
          if (decision.kind === 'deliver') send(update);
          if (decision.kind === 'gap') all.slice(sequence, logged).forEach(send);
        }
        all.slice(sequence).forEach(send);
        const expected = all.filter((update) => isVisible(update, wanted));
        expect(sent).toEqual(expected.map((update) => update.sequence));
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

describe('a frame', () => {
  const check = websocketMessageCheck('websocketSends');

  it.each(LEVELS)('is what the AsyncAPI document says, at level %s', (level) => {
    const expired = { ...at(4), kind: 'EXPIRED' as const };
    for (const update of [...updates, expired]) {
      for (const traceparent of [TRACE, null]) {
        expect(check(frameOf({ update, traceparent }, level))).toEqual({ ok: true });
      }
    }
  });

  it("says the update before it at the subscriber's level", () => {
    const previous = LEVELS.map(
      (level) => frameOf({ update: at(4), traceparent: null }, level) as Record<string, unknown>,
    ).map((frame) => frame['previousSequence']);
    expect(previous).toEqual([0, 3, 3]);
  });

  it('of an expiry is one of its own', () => {
    const update = { ...at(4), kind: 'EXPIRED' as const, state: 'RUNNING' as const };
    const frame = frameOf({ update, traceparent: TRACE }, 'outcome');
    expect(frame).toMatchObject({ type: 'expired', state: 'RUNNING', jobId: jobOf('job') });
    expect(frame).not.toHaveProperty('kind');
  });
});

describe('a handshake', () => {
  const origins = new Set(['https://shop.example']);
  const browser: Handshake = {
    path: '/v1/updates',
    origin: 'https://shop.example',
    authorization: undefined,
    protocols: ['sagaproof.v1', 'bearer.abc'],
  };
  const program: Handshake = {
    path: '/v1/updates',
    origin: undefined,
    authorization: 'Bearer abc',
    protocols: [],
  };

  it.each([
    ['a browser with the token among the subprotocols', browser],
    ['a program with the token in the header', program],
    ['a program that offers the subprotocol too', { ...program, protocols: ['sagaproof.v1'] }],
  ])('is accepted from %s', (_, handshake) => {
    expect(decideHandshake(handshake, origins)).toEqual({ kind: 'accepted', token: 'abc' });
  });

  it.each([
    ['another path', { ...program, path: '/' }, 'unknown-path'],
    ['another origin', { ...browser, origin: 'https://evil.example' }, 'origin-not-allowed'],
    ['an opaque origin', { ...browser, origin: 'null' }, 'origin-not-allowed'],
    [
      'another origin with the header',
      { ...program, origin: 'https://evil.example' },
      'origin-not-allowed',
    ],
    ['no origin and no header', { ...browser, origin: undefined }, 'origin-not-allowed'],
    ['no token', { ...browser, protocols: ['sagaproof.v1'] }, 'no-token'],
    ['an empty token', { ...browser, protocols: ['sagaproof.v1', 'bearer.'] }, 'no-token'],
    ['another scheme', { ...program, authorization: 'Basic abc' }, 'no-token'],
    ['two tokens', { ...program, authorization: 'Bearer a, b' }, 'no-token'],
    ['another subprotocol', { ...browser, protocols: ['graphql-ws'] }, 'no-subprotocol'],
  ])('is rejected for %s', (_, handshake, reason) => {
    expect(decideHandshake(handshake, origins)).toEqual({ kind: 'rejected', reason });
  });
});

describe('the allowance of a client', () => {
  function spendMany(count: number, intervalMs: number) {
    let allowance = fullAllowance(0);
    const verdicts = new Set<string>();
    for (let index = 0; index < count; index += 1) {
      const spent = spend(allowance, index * intervalMs);
      allowance = spent.allowance;
      verdicts.add(spent.verdict);
    }
    return [...verdicts];
  }

  it('lets a burst and a steady stream pass', () => {
    expect(spendMany(40, 0)).toEqual(['allowed']);
    expect(spendMany(500, 50)).toEqual(['allowed']);
  });

  it('limits what is more, and calls it abuse when it goes on', () => {
    expect(spendMany(60, 0)).toEqual(['allowed', 'limited']);
    expect(spendMany(120, 0)).toEqual(['allowed', 'limited', 'abusive']);
  });
});

describe('ids of a stream', () => {
  it.each([
    ['2-0', '1-9', true],
    ['1-10', '1-9', true],
    ['1-9', '1-9', false],
    ['1-9', '1-10', false],
    ['0-0', '0-0', false],
  ])('%s is after %s: %s', (id, other, expected) => {
    expect(isAfter(id, other)).toBe(expected);
  });
});
