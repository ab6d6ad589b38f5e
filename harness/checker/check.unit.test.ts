import { describe, expect, it } from 'vitest';
import { INVARIANTS } from '../invariants/all.ts';
import { checkEvents, EXIT_CODES, HistoryCheck } from './check.ts';
import type { Invariant } from './invariant.ts';
import { goodStory } from './testing/story.ts';
import { uuidOf } from './testing/write-fixtures.ts';

const observant = (over: Partial<Invariant & { deadlineMs?: undefined }>): Invariant => ({
  name: 'test',
  promise: 'A test.',
  needs: [],
  reads: ['kafka'],
  start: () => ({
    observe: () => undefined,
    finish: () => ({ looked: 1, violations: [], found: 0 }),
  }),
  ...over,
});

const resultOf = (invariant: Invariant) =>
  checkEvents(goodStory(uuidOf).to.build(), [invariant]).invariants[0];

describe('the verdict on a history', () => {
  it('is valid when every promise was kept', () => {
    const verdict = checkEvents(goodStory(uuidOf).to.build(), INVARIANTS);
    expect(verdict.invariants.filter((result) => result.verdict !== 'valid')).toEqual([]);
    expect(verdict).toMatchObject({
      verdict: 'valid',
      run: 'run-1',
      seed: '1',
      scenarios: [{ name: 'story', outcome: 'passed' }],
      reasons: [],
    });
  });

  it('is unknown when a scenario was not played for want of a feature', () => {
    const { to } = goodStory(uuidOf);
    to.edit('scenario.end', { outcome: 'partial', message: 'auth declares no tracing' });
    expect(checkEvents(to.build(), INVARIANTS)).toMatchObject({
      verdict: 'unknown',
      reasons: ['scenario "story" was not played: auth declares no tracing'],
    });
  });

  it('is not valid when a process ended by itself', () => {
    const { to } = goodStory(uuidOf);
    const end = { type: 'process', instance: 'auth-1', what: 'exited', exitCode: 3 } as const;
    const withEnd = (more: object) => {
      const events = to.build();
      const last = events.at(-1);
      return [...events, { ...last, ...end, ...more } as (typeof events)[number]];
    };
    expect(checkEvents(withEnd({}), INVARIANTS).verdict).toBe('valid');
    expect(checkEvents(withEnd({ unasked: true }), INVARIANTS)).toMatchObject({
      verdict: 'unknown',
      reasons: [
        'auth-1 ended with exit code 3 during the run, and no scenario requested it: see its log',
      ],
    });
  });

  it('is invalid when one promise was broken, whatever else is unknown', () => {
    const { to } = goodStory(uuidOf);
    to.without('a.notification', 'closed.spans');
    const verdict = checkEvents(to.build(), INVARIANTS);
    expect(verdict.verdict).toBe('invalid');
    expect(EXIT_CODES[verdict.verdict]).toBe(1);
  });

  it('is unknown for an empty history', () => {
    const verdict = checkEvents([], INVARIANTS);
    expect(verdict).toMatchObject({
      verdict: 'unknown',
      reasons: ['the history is empty: nothing was recorded'],
    });
    expect(EXIT_CODES[verdict.verdict]).toBe(2);
  });

  it('is unknown when a source was not read to its end, even if something seems to lack', () => {
    const { to } = goodStory(uuidOf);
    to.edit('closed.kafka', { state: 'incomplete', reason: 'the broker went away' });
    to.without('a.OrderApproved');
    const verdict = checkEvents(to.build(), INVARIANTS);
    expect(verdict.verdict).toBe('unknown');
    expect(verdict.invariants.find(({ name }) => name === 'exactly-one-outcome')).toMatchObject({
      verdict: 'unknown',
      found: 1,
      reason: expect.stringContaining('source kafka is incomplete (the broker went away)'),
    });
  });

  it('is invalid when a scenario failed', () => {
    const { to } = goodStory(uuidOf);
    to.edit('scenario.end', { outcome: 'failed', message: 'expected 1 to be 2' });
    expect(checkEvents(to.build(), INVARIANTS)).toMatchObject({
      verdict: 'invalid',
      scenarios: [{ outcome: 'failed', message: 'expected 1 to be 2' }],
    });
  });

  it('is unknown when a fault of a scenario did not land', () => {
    const { to } = goodStory(uuidOf);
    const message = 'fault cut of order→kafka did not land: it still answers\n    at play';
    to.edit('scenario.end', { outcome: 'inconclusive', message });
    expect(checkEvents(to.build(), INVARIANTS)).toMatchObject({
      verdict: 'unknown',
      scenarios: [{ outcome: 'inconclusive', message }],
      reasons: [
        'scenario "story" is inconclusive: fault cut of order→kafka did not land: it still answers',
      ],
    });
  });

  it('is invalid when an invariant is violated, also if a fault did not land', () => {
    const { to } = goodStory(uuidOf);
    to.without('a.notification').edit('scenario.end', { outcome: 'inconclusive' });
    expect(checkEvents(to.build(), INVARIANTS)).toMatchObject({ verdict: 'invalid' });
  });

  it('is unknown when a scenario never ended', () => {
    const { to } = goodStory(uuidOf);
    to.without('scenario.end');
    expect(checkEvents(to.build(), INVARIANTS)).toMatchObject({
      verdict: 'unknown',
      reasons: ['scenario "story" began and never ended'],
    });
  });

  it('is never valid when a reader doubts the history', () => {
    const check = new HistoryCheck(INVARIANTS);
    for (const event of goodStory(uuidOf).to.build()) check.observe(event);
    check.doubt('it was cut');
    expect(check.finish()).toMatchObject({ verdict: 'unknown', reasons: ['it was cut'] });
  });

  it('counts what each source showed', () => {
    const { sources } = checkEvents(goodStory(uuidOf).to.build(), INVARIANTS);
    expect(sources.find(({ name }) => name === 'kafka')).toMatchObject({ state: 'complete' });
    expect(sources.find(({ name }) => name === 'kafka')?.events).toBeGreaterThan(50);
    expect(sources).toHaveLength(13);
  });
});

describe('an invariant', () => {
  it('that crashes on an event is unknown, with the event', () => {
    const crashing = observant({
      start: () => ({
        observe: (event) => {
          throw new Error(`no ${event.type}`);
        },
        finish: () => ({ looked: 1, violations: [], found: 0 }),
      }),
    });
    expect(resultOf(crashing)).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringMatching(/it crashed at event \d+: no kafka/),
    });
  });

  it('that crashes at the end is unknown', () => {
    const crashing = observant({
      start: () => ({
        observe: () => undefined,
        finish: () => {
          throw new Error('nothing to add up');
        },
      }),
    });
    expect(resultOf(crashing)).toMatchObject({
      verdict: 'unknown',
      reason: 'it crashed at the end: nothing to add up',
    });
  });

  it('that looked at nothing is unknown', () => {
    const idle = observant({
      start: () => ({
        observe: () => undefined,
        finish: () => ({ looked: 0, violations: [], found: 0 }),
      }),
    });
    expect(resultOf(idle)).toMatchObject({
      verdict: 'unknown',
      reason: 'there was nothing to look at',
    });
  });

  it('is given only the events that it reads', () => {
    const types = new Set<string>();
    resultOf(
      observant({
        reads: ['ws', 'state'],
        start: () => ({
          observe: ({ type }) => types.add(type),
          finish: () => ({ looked: 1, violations: [], found: 0 }),
        }),
      }),
    );
    expect([...types].sort()).toEqual(['state', 'ws']);
  });
});

it('has a file of its own name for each invariant, and says what each promises', () => {
  expect(new Set(INVARIANTS.map(({ name }) => name)).size).toBe(INVARIANTS.length);
  for (const { name, promise } of INVARIANTS) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(promise).toMatch(/\.$/);
  }
});
