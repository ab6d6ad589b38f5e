import { expect, it } from 'vitest';
import { INVARIANTS } from './all.ts';
import { owedAtEnd, PATIENCE_MS } from './owed.ts';
import type { HistoryBuilder } from './testing/history-builder.ts';
import { judge } from './testing/judge.ts';
import { goodStory } from './testing/story.ts';

/** So that nothing can come in time any more when the history ends. */
const LATER = { atMs: Date.UTC(2030, 0) };

/** Each by the event that it waits for when that one is left out. */
const WAITING: ReadonlyArray<readonly [name: string, event: string]> = [
  ['commands-answered', 'a.CAPTURE_PAYMENT.event'],
  ['job-tells-saga', 'a.CAPTURE_PAYMENT.update.STEP_COMPLETED'],
  ['sockets-told', 'a.CONNECTED'],
];

const without = (event: string, more: (to: HistoryBuilder) => unknown = () => undefined) => {
  const { to } = goodStory();
  to.without(event);
  more(to);
  return to.build();
};

it('is nothing in a history that has all that was promised', () => {
  expect(owedAtEnd(goodStory().to.build())).toStrictEqual([]);
});

it.each(WAITING)('%s: what was promised a moment ago, and is not there yet', (name, event) => {
  expect(owedAtEnd(without(event))).toContain(name);
});

it.each(WAITING)('%s: not what is late, which is broken', (name, event) => {
  const events = without(event, (to) => to.edit('closed.spans', LATER));
  expect(owedAtEnd(events)).not.toContain(name);
  const invariant = INVARIANTS.find((one) => one.name === name);
  expect(invariant && judge(invariant, events)).toMatchObject({ verdict: 'invalid' });
});

it('is waited for as long as the most patient promise', () => {
  const patiences = INVARIANTS.map(({ patienceMs = 0 }) => patienceMs);
  expect(PATIENCE_MS).toBe(Math.max(...patiences));
  expect(patiences.filter((ms) => ms > 0)).toHaveLength(WAITING.length);
});
