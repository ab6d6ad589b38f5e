import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../history/event.ts';
import { checkEvents } from '../check.ts';
import type { Invariant, InvariantResult } from '../invariant.ts';
import type { HistoryBuilder } from './history-builder.ts';
import { goodStory } from './story.ts';

/** What the invariant says of a history. */
export function judge(invariant: Invariant, events: readonly HistoryEvent[]): InvariantResult {
  const [result] = checkEvents(events, [invariant]).invariants;
  if (result === undefined) throw new Error('one invariant was given and none answered');
  return result;
}

/** One anomaly that an invariant claims to catch: an edit of the good story. */
export interface Anomaly {
  /** Ends the sentence "catches …". */
  readonly anomaly: string;
  readonly edit: (to: HistoryBuilder) => unknown;
  /** What the violation must say. */
  readonly says: RegExp;
  /** Tags of the events that must be its witness. */
  readonly shows: readonly string[];
  /** Some events are a witness by what they lack: leaving one out shows something else. */
  readonly minimal?: boolean;
}

/** A change of the good story that is legal: the invariant must not cry wolf. */
export interface Legal {
  /** Ends the sentence "accepts …". */
  readonly legal: string;
  readonly edit: (to: HistoryBuilder) => unknown;
}

/**
 * Feeds an invariant the good story, each of its anomalies and what it must accept. Of each
 * witness every event must be needed: without one of them, that violation is not found.
 *
 * @param identify how ids look, where that matters; names, which read better, when left out
 */
export function describeInvariant(
  invariant: Invariant,
  anomalies: readonly Anomaly[],
  legals: readonly Legal[] = [],
  identify?: (name: string) => string,
): void {
  describe(invariant.name, () => {
    it('finds a good history valid', () => {
      const result = judge(invariant, goodStory(identify).to.build());
      expect(result).toMatchObject({ verdict: 'valid' });
      expect(result.looked).toBeGreaterThan(0);
    });

    for (const { anomaly, edit, says, shows, minimal = true } of anomalies) {
      it(`catches ${anomaly}`, () => {
        const { to } = goodStory(identify);
        edit(to);
        const events = to.build();
        const result = judge(invariant, events);
        const said = result.witness?.map(({ message }) => message) ?? [];
        expect(said, `verdict ${result.verdict} ${result.reason}`).toContainEqual(
          expect.stringMatching(says),
        );
        const violation = result.witness?.find(({ message }) => says.test(message));
        expect(violation?.witness).toEqual(indexesOf(to, shows));
        if (minimal) expectMinimal(invariant, events, violation?.message, violation?.witness);
      });
    }

    for (const { legal, edit } of legals) {
      it(`accepts ${legal}`, () => {
        const { to } = goodStory(identify);
        edit(to);
        expect(judge(invariant, to.build())).toMatchObject({ verdict: 'valid' });
      });
    }

    it('knows nothing of a history without its sources', () => {
      const open = goodStory(identify)
        .to.build()
        .filter((event) => event.type !== 'source-closed');
      expect(judge(invariant, open)).toMatchObject({ verdict: 'unknown' });
    });

    it('knows nothing of an empty history', () => {
      expect(judge(invariant, [])).toMatchObject({ verdict: 'unknown', looked: 0 });
    });
  });
}

const indexesOf = (to: HistoryBuilder, tags: readonly string[]): number[] =>
  tags.map((tag) => to.indexOf(tag)).sort((a, b) => a - b);

function expectMinimal(
  invariant: Invariant,
  events: readonly HistoryEvent[],
  message: string | undefined,
  witness: readonly number[] = [],
): void {
  for (const left of witness) {
    const rest = witness.filter((index) => index !== left);
    const remaining = events.filter(({ index }) => index !== left);
    const without = remaining.map((event, index) => ({ ...event, index }));
    // Another event may take the place of the one left out; the rest alone must not be enough.
    const shownByRest = judge(invariant, without).witness?.some(
      (violation) =>
        violation.message === message &&
        violation.witness.every((index) => rest.includes(remaining[index]?.index ?? -1)),
    );
    expect(shownByRest ?? false, `event ${left} is not needed`).toBe(false);
  }
}
