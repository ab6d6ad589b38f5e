/**
 * May these events be appended, given what is expected of the stream? Pure; the rules, and their
 * order, are those of EventStoreDB's index writer, which also makes repeated appends idempotent.
 */
import type { CurrentRevision, ExpectedRevision } from './store.ts';

export interface StreamFacts {
  readonly current: CurrentRevision;
  readonly isTombstoned: boolean;
  readonly isSoftDeleted: boolean;
  readonly hasMetadata: boolean;
  /** The revision of the event with this id in this stream; the latest if there are several. */
  readonly revisionOf: (id: string) => bigint | undefined;
  /** The id of the event with this revision in this stream. */
  readonly idAt: (revision: bigint) => string | undefined;
}

export type CommitDecision =
  | { readonly kind: 'write' }
  | { readonly kind: 'idempotent'; readonly lastRevision: bigint }
  | { readonly kind: 'wrong-expected-revision' }
  | { readonly kind: 'stream-deleted' };

const WRITE = { kind: 'write' } as const;
const WRONG = { kind: 'wrong-expected-revision' } as const;
const DELETED = { kind: 'stream-deleted' } as const;

/** Decides on one append by the facts of its stream. */
export function checkCommit(
  facts: StreamFacts,
  expected: ExpectedRevision,
  ids: readonly string[],
): CommitDecision {
  if (facts.isTombstoned) return DELETED;
  if (expected === 'stream_exists') {
    if (facts.isSoftDeleted) return DELETED;
    if (facts.current === 'no_stream' && !facts.hasMetadata) return WRONG;
  }
  if (expected === 'any' || expected === 'stream_exists') return checkById(facts, ids);

  const currentNumber = facts.current === 'no_stream' ? -1n : facts.current;
  const expectedNumber = expected === 'no_stream' ? -1n : expected;
  if (expectedNumber > currentNumber) return WRONG;
  if (expectedNumber === currentNumber) return WRITE;
  return checkByRevision(facts, expectedNumber, ids);
}

/** Without a number to go by, the first id tells a new append from a repeated one. */
function checkById(facts: StreamFacts, ids: readonly string[]): CommitDecision {
  const [first, ...rest] = ids;
  if (first === undefined) return WRITE;
  let lastRevision = facts.revisionOf(first);
  if (lastRevision === undefined) return WRITE;
  for (const id of rest) {
    lastRevision = facts.revisionOf(id);
    if (lastRevision === undefined) return WRONG;
  }
  return { kind: 'idempotent', lastRevision };
}

/** Below the current revision, only the very events that follow the expected one may repeat. */
function checkByRevision(
  facts: StreamFacts,
  expected: bigint,
  ids: readonly string[],
): CommitDecision {
  let revision = expected;
  for (const id of ids) {
    revision += 1n;
    if (facts.idAt(revision) === id) continue;
    const isFirst = revision === expected + 1n;
    return isFirst && expected === -1n && facts.isSoftDeleted ? WRITE : WRONG;
  }
  if (ids.length === 0) return WRONG;
  return { kind: 'idempotent', lastRevision: revision };
}
