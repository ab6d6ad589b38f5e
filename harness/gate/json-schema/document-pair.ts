import type { Comparison } from '../comparison.ts';
import { Budget } from './budget.ts';
import type { SchemaDocument } from './document.ts';
import { DocumentSet, type ReferringFile } from './document-set.ts';

/** A document of both versions that has changed, or a document that it refers to. */
export interface DocumentPair {
  readonly before: SchemaDocument;
  /** Undefined: it is gone. */
  readonly after: SchemaDocument | undefined;
}

/** Undefined when there is nothing to compare: the document is new, or the same as before. */
export function documentPair(comparison: Comparison, file: string): DocumentPair | undefined {
  const { base, head, config } = comparison;
  const budget = new Budget(config.budgetSeconds * 1000);
  const old = new DocumentSet(base.tree.read, ' (before)', budget);
  const now = new DocumentSet(head.read, '', budget);
  const [before, after] = [old.closure(file), now.closure(file)];
  const unchanged = unchangedFiles(before, after);
  const isSame = before.size === after.size && unchanged.size === before.size;
  old.share(undefined, unchanged);
  now.share(old, unchanged);
  if (before.size > 0 || after.size > 0) comparison.compared?.(file, !isSame);
  if (before.size === 0) return undefined;
  if (after.size === 0) return { before: old.open(file), after: undefined };
  return isSame ? undefined : { before: old.open(file), after: now.open(file) };
}

type Files = ReadonlyMap<string, ReferringFile>;

/** Files with the same text that refer to nothing that has changed. */
function unchangedFiles(before: Files, after: Files): Set<string> {
  const unchanged = new Set(
    [...before].filter(([path, { text }]) => after.get(path)?.text === text).map(([path]) => path),
  );
  let isStable = false;
  while (!isStable) {
    isStable = true;
    for (const path of unchanged) {
      if ((after.get(path)?.references ?? []).every((it) => unchanged.has(it))) continue;
      unchanged.delete(path);
      isStable = false;
    }
  }
  return unchanged;
}
