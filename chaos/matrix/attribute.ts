/** Finds the cells whose orders a violated invariant is about. */
import type { RunVerdict } from '../../harness/checker/check.ts';
import { readAsFar } from '../../harness/history/read-history.ts';
import type { CellResult } from './matrix-play.ts';

export interface CellViolation {
  readonly invariant: string;
  readonly message: string;
  /** Indexes of the events that prove it: lines of history.jsonl, from 0. */
  readonly witness: readonly number[];
}

export interface Attributed {
  /** By the id of the result. */
  readonly byCell: ReadonlyMap<string, readonly CellViolation[]>;
  /** Violations that name none of the orders of any cell. */
  readonly others: readonly CellViolation[];
}

/** A violation is of every cell whose ids are in its message or in the events that prove it. */
export function attributeViolations(
  verdict: Pick<RunVerdict, 'invariants'>,
  results: readonly Pick<CellResult, 'id' | 'ids'>[],
  textAt: (index: number) => string,
): Attributed {
  const byCell = new Map<string, CellViolation[]>();
  const others: CellViolation[] = [];
  for (const { name, verdict: verdictOf, witness = [] } of verdict.invariants) {
    if (verdictOf !== 'invalid') continue;
    for (const { message, witness: events } of witness) {
      const violation = { invariant: name, message, witness: events };
      const text = [message, ...events.map(textAt)].join('\n');
      const own = results.filter(({ ids }) => ids.some((id) => text.includes(id)));
      for (const { id } of own) byCell.set(id, [...(byCell.get(id) ?? []), violation]);
      if (own.length === 0) others.push(violation);
    }
  }
  return { byCell, others };
}

/** The text of each event that proves a violation. */
export function witnessTexts(
  historyFile: string,
  verdict: Pick<RunVerdict, 'invariants'>,
): (index: number) => string {
  const wanted = new Set(
    verdict.invariants.flatMap(({ witness = [] }) => witness.flatMap((one) => one.witness)),
  );
  const texts = new Map<number, string>();
  if (wanted.size > 0) {
    for (const event of readAsFar(historyFile)) {
      if (wanted.has(event.index)) texts.set(event.index, JSON.stringify(event));
    }
  }
  return (index) => texts.get(index) ?? '';
}
