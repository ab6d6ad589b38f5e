import { describe, expect, it } from 'vitest';
import type { RunVerdict } from '../../harness/checker/check.ts';
import { attributeViolations } from './attribute.ts';
import type { Cell } from './cell.ts';
import { enumerateCells } from './enumerate.ts';
import { FACTS } from './facts.ts';
import { MatrixSchema } from './matrix-document.ts';
import type { CellResult } from './matrix-play.ts';
import { matrixDocument } from './matrix-result.ts';
import { matrixPage } from './page.ts';

const cells = enumerateCells(FACTS).filter(({ variant }) => variant === 'approved');
const [first, second] = cells as [Cell, Cell];
const landed = { operation: 'pg.commit on payment→postgres', atMs: 5 };

const result = (cell: Cell, more: Partial<CellResult> = {}): CellResult => ({
  ...{ id: cell.id, scenario: 'm1', cell, variant: cell.variant, outcome: 'PASS', landed },
  ...{ ids: [`order-of-${cell.id}`], seen: [cell.fault], durationMs: 1_200, ...more },
});
const twin: CellResult = {
  ...{ id: 'twin/approved', scenario: 'm0', variant: 'approved', outcome: 'PASS' },
  ...{ ids: ['order-of-twin'], seen: [], durationMs: 300 },
};
const verdict = (more: Partial<RunVerdict> = {}): RunVerdict => ({
  ...{ verdict: 'valid', seed: 's', commit: 'c', run: 'r', durationMs: 9 },
  ...{
    scenarios: [],
    invariants: [],
    sources: [],
    reasons: [],
    ...{ subjects: [], exposure: [] },
    ...more,
  },
});
const violated = (message: string): RunVerdict['invariants'] => [
  {
    ...{ name: 'money-conserved', promise: 'p', verdict: 'invalid', looked: 1, found: 1 },
    witness: [{ message, witness: [7] }],
  },
];
const documentOf = (results: readonly CellResult[], judged = verdict(), eventText = '') => {
  const attributed = attributeViolations(judged, results, () => eventText);
  return matrixDocument(results, { verdict: judged, attributed });
};

describe('the result of a matrix', () => {
  it('is valid when every cell and twin passed', () => {
    const document = documentOf([twin, result(first), result(second)]);
    expect(MatrixSchema.parse(document)).toEqual(document);
    expect(document).toMatchObject({
      verdict: 'valid',
      tally: { PASS: 2, FAIL: 0, INCONCLUSIVE: 0 },
    });
    expect(document.cells.every((cell) => cell.twin === 'PASS')).toBe(true);
  });

  it('fails the cell whose order a violation is about, also by its witness', () => {
    const results = [twin, result(first), result(second)];
    for (const document of [
      documentOf(results, verdict({ invariants: violated(`order-of-${second.id} is wrong`) })),
      documentOf(
        results,
        verdict({ invariants: violated('it is wrong') }),
        `order-of-${second.id}`,
      ),
    ]) {
      expect(document.verdict).toBe('invalid');
      expect(document.cells.map(({ id, outcome }) => [id, outcome])).toEqual([
        [second.id, 'FAIL'],
        [first.id, 'PASS'],
      ]);
      expect(document.cells[0]?.reason).toMatch(/^money-conserved: /);
    }
  });

  it('is invalid by a violation that is about no cell', () => {
    const document = documentOf([twin, result(first)], verdict({ invariants: violated('x') }));
    expect(document).toMatchObject({ verdict: 'invalid', otherViolations: [{ message: 'x' }] });
  });

  it('is unknown when a fault did not land, or an expected event was never seen', () => {
    const missed = result(first, { outcome: 'INCONCLUSIVE', reason: 'no pg.commit came' });
    expect(documentOf([twin, missed]).verdict).toBe('unknown');
    expect(documentOf([twin, result(first, { seen: [] })])).toMatchObject({
      verdict: 'unknown',
      sometimes: [{ name: first.fault, seen: 0 }],
    });
    expect(documentOf([twin]).verdict).toBe('unknown');
  });

  it('is invalid when the order fails without a fault', () => {
    const failed: CellResult = { ...twin, outcome: 'FAIL', reason: 'no answer' };
    expect(documentOf([failed, result(first)]).verdict).toBe('invalid');
  });

  it('counts which operations were hit', () => {
    const document = documentOf([twin, result(first), result(second)]);
    const { landed: hits, missed } = document.coverage[0] ?? {};
    expect([hits, missed]).toEqual([2, 0]);
  });

  it('is shown on a page with the cells that did not pass first', () => {
    const reason = 'it ended as <FAILED>';
    const page = matrixPage(documentOf([twin, result(first, { outcome: 'FAIL', reason })]));
    expect(page).toContain('Cells that did not pass');
    expect(page).toContain('it ended as &lt;FAILED&gt;');
  });
});
