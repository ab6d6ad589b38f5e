import { describe, expect, it } from 'vitest';
import { INVARIANTS } from '../invariants/all.ts';
import { PendingDeadlines, pendingAtEnd } from './pending-deadlines.ts';
import type { HistoryBuilder } from './testing/history-builder.ts';
import { judge } from './testing/judge.ts';
import { goodStory } from './testing/story.ts';

/** A time at which every deadline of the story has passed. */
const LATER_MS = Date.UTC(2030, 0);

/** Each invariant with a deadline, and an event that it waits for when that one is left out. */
const WAITING: ReadonlyArray<readonly [name: string, event: string]> = [
  ['commands-answered', 'a.CAPTURE_PAYMENT.event'],
  ['job-updates-match-saga', 'a.CAPTURE_PAYMENT.update.STEP_COMPLETED'],
  ['presence-events-complete', 'a.CONNECTED'],
  ['mails-match-outcomes', 'a.mail'],
];

/** They wait for a state to change: see their own tests. */
const WAITING_FOR_A_CHANGE: readonly string[] = ['health-matches-faults'];

const without = (event: string, more: (to: HistoryBuilder) => unknown = () => undefined) => {
  const { to } = goodStory();
  to.without(event);
  more(to);
  return to.build();
};

describe('pending deadlines at the end of a history', () => {
  it('has none in a good history', () => {
    expect(pendingAtEnd(goodStory().to.build(), INVARIANTS)).toStrictEqual([]);
  });

  it.each(WAITING)('%s: waits for an event that is missing and not late', (name, event) => {
    expect(pendingAtEnd(without(event), INVARIANTS)).toContain(name);
  });

  it.each(WAITING)('%s: does not wait for an event that is late: it is violated', (name, event) => {
    const events = without(event, (to) => to.edit('closed.spans', { atMs: LATER_MS }));
    expect(pendingAtEnd(events, INVARIANTS)).not.toContain(name);
    const invariant = INVARIANTS.find((one) => one.name === name);
    expect(invariant && judge(invariant, events)).toMatchObject({ verdict: 'invalid' });
  });
});

describe('pending deadlines while a run is recorded', () => {
  it.each(WAITING)('%s: waits until the event arrives, reading each event once', (name, late) => {
    const { to } = goodStory();
    const deadlines = new PendingDeadlines(INVARIANTS);
    for (const event of without(late)) deadlines.add(event);
    expect(deadlines.pending(to.nowMs)).toContain(name);
    expect(deadlines.pending(to.nowMs)).toContain(name);
    deadlines.add(to.event(late));
    expect(deadlines.pending(to.nowMs)).not.toContain(name);
  });

  it.each(WAITING)('%s: stops waiting when the deadline has passed', (name, late) => {
    const deadlines = new PendingDeadlines(INVARIANTS);
    for (const event of without(late)) deadlines.add(event);
    expect(deadlines.pending(LATER_MS)).not.toContain(name);
  });

  it('reads sources in any order', () => {
    const events = goodStory().to.build();
    const deadlines = new PendingDeadlines(INVARIANTS);
    const isKafka = (type: string) => type === 'kafka';
    for (const event of events.filter(({ type }) => isKafka(type))) deadlines.add(event);
    for (const event of events.filter(({ type }) => !isKafka(type))) deadlines.add(event);
    expect(deadlines.pending(events.at(-1)?.atMs ?? 0)).toStrictEqual([]);
  });

  it('is over after the longest deadline', () => {
    const deadlines = INVARIANTS.map(({ deadlineMs = 0 }) => deadlineMs);
    expect(new PendingDeadlines(INVARIANTS).deadlineMsMax).toBe(Math.max(...deadlines));
    expect(deadlines.filter((ms) => ms > 0)).toHaveLength(
      WAITING.length + WAITING_FOR_A_CHANGE.length,
    );
  });

  it('has nothing to wait for without invariants that have a deadline', () => {
    const deadlines = new PendingDeadlines([]);
    for (const event of without('a.CONNECTED')) deadlines.add(event);
    expect(deadlines.pending(0)).toStrictEqual([]);
    expect(deadlines.deadlineMsMax).toBe(0);
  });
});
