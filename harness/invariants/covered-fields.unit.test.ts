import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Corruption, corruptionsOf, LEFT_OUT } from '../checker/testing/corruptions.ts';
import type { CoveredFields } from '../checker/testing/covered.ts';
import type { HistoryBuilder } from '../checker/testing/history-builder.ts';
import { judge } from '../checker/testing/judge.ts';
import { goodStory } from '../checker/testing/story.ts';
import { uuidOf } from '../checker/testing/write-fixtures.ts';
import { INVARIANTS } from './all.ts';
import { COVERED_SAGA_FIELDS } from './covered-saga-fields.testkit.ts';
import { COVERED_VIEW_FIELDS } from './covered-view-fields.testkit.ts';

/** By invariant, which corrupted fields make a history not valid. */
const COVERED_FIELDS = { ...COVERED_SAGA_FIELDS, ...COVERED_VIEW_FIELDS };

const SEED = 20_260_101;
/** Histories that are corrupted in this many places of an invariant, chosen by the seed. */
const CORRUPTIONS_MAX = 100;

const isCovered = (
  { record, field, how }: Corruption,
  { records, fields, required }: CoveredFields,
): boolean =>
  records.test(record) && fields.includes(field) && (required === true || how !== LEFT_OUT);

const storyOf = (prepare: (to: HistoryBuilder) => unknown = () => undefined) => {
  const { to } = goodStory(uuidOf);
  prepare(to);
  return to.build();
};

it('says for each invariant which fields it covers', () => {
  expect(Object.keys(COVERED_FIELDS)).toStrictEqual(INVARIANTS.map(({ name }) => name));
});

describe.each(INVARIANTS.map((invariant) => [invariant.name, invariant] as const))(
  '%s',
  (name, invariant) => {
    const { prepare, covers = [] } = COVERED_FIELDS[name] ?? {};
    const events = storyOf(prepare);
    const corruptions = [...corruptionsOf(events)];

    it('covers fields that the history has', () => {
      expect(covers.length).toBeGreaterThan(0);
      for (const cover of covers) {
        const found = corruptions.filter((corruption) => isCovered(corruption, cover));
        const fields = new Set(found.map(({ field }) => field));
        expect(cover.fields.filter((field) => !fields.has(field))).toStrictEqual([]);
      }
    });

    it('flags every corruption of one field that it covers', () => {
      expect(judge(invariant, events)).toMatchObject({ verdict: 'valid' });
      const covered = corruptions.filter((corruption) =>
        covers.some((cover) => isCovered(corruption, cover)),
      );
      fc.assert(
        fc.property(fc.constantFrom(...covered), ({ apply, record, field, how, index }) => {
          const { verdict } = judge(invariant, apply());
          expect(verdict, `event ${index}, ${record}: ${field} has ${how}`).not.toBe('valid');
        }),
        { seed: SEED, numRuns: Math.min(covered.length, CORRUPTIONS_MAX) },
      );
    });
  },
);
