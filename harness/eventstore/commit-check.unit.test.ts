import { describe, expect, it } from 'vitest';
import { type CommitDecision, checkCommit, type StreamFacts } from './commit-check.ts';
import type { ExpectedRevision } from './store.ts';

/** A stream of events `a`, `b`, `c`, …, of which revision 0 is `a`. */
function streamOf(ids: string, facts: Partial<StreamFacts> = {}): StreamFacts {
  const list = [...ids];
  return {
    current: list.length === 0 ? 'no_stream' : BigInt(list.length - 1),
    isTombstoned: false,
    isSoftDeleted: false,
    hasMetadata: false,
    revisionOf: (id) => (list.includes(id) ? BigInt(list.lastIndexOf(id)) : undefined),
    idAt: (revision) => list[Number(revision)],
    ...facts,
  };
}

const write: CommitDecision = { kind: 'write' };
const wrong: CommitDecision = { kind: 'wrong-expected-revision' };
const deleted: CommitDecision = { kind: 'stream-deleted' };
const repeated = (lastRevision: bigint): CommitDecision => ({ kind: 'idempotent', lastRevision });

type Case = readonly [
  title: string,
  facts: StreamFacts,
  expected: ExpectedRevision,
  ids: string,
  decision: CommitDecision,
];

const softDeleted = { isSoftDeleted: true };
const CASES: readonly Case[] = [
  ['writes a new stream with any', streamOf(''), 'any', 'x', write],
  ['writes a new stream with no_stream', streamOf(''), 'no_stream', 'x', write],
  ['refuses a new stream with a number', streamOf(''), 0n, 'x', wrong],
  ['refuses a new stream with stream_exists', streamOf(''), 'stream_exists', 'x', wrong],
  [
    'writes with stream_exists when there is metadata',
    streamOf('', { hasMetadata: true }),
    'stream_exists',
    'x',
    write,
  ],
  ['writes at the current revision', streamOf('ab'), 1n, 'x', write],
  ['writes known ids at the current revision', streamOf('ab'), 1n, 'a', write],
  ['refuses above the current revision', streamOf('ab'), 2n, 'x', wrong],
  ['refuses below the current revision', streamOf('ab'), 0n, 'x', wrong],
  ['knows a repetition below the current revision', streamOf('abc'), 0n, 'bc', repeated(2n)],
  ['knows a repetition of the start', streamOf('abc'), 'no_stream', 'ab', repeated(1n)],
  ['refuses a repetition that goes on past the end', streamOf('ab'), 0n, 'bx', wrong],
  ['refuses a repetition in another place', streamOf('abc'), 0n, 'c', wrong],
  ['refuses nothing below the current revision', streamOf('ab'), 0n, '', wrong],
  ['accepts nothing at the current revision', streamOf('ab'), 1n, '', write],
  ['accepts nothing with any', streamOf('ab'), 'any', '', write],
  ['knows a repetition with any', streamOf('abc'), 'any', 'ab', repeated(1n)],
  ['takes the latest of equal ids', streamOf('aba'), 'any', 'a', repeated(2n)],
  ['refuses a repetition in part with any', streamOf('ab'), 'any', 'ax', wrong],
  ['writes when only a later id is known, with any', streamOf('ab'), 'any', 'xa', write],
  ['knows a repetition with stream_exists', streamOf('ab'), 'stream_exists', 'b', repeated(1n)],
  ['re-creates with any', streamOf('ab', softDeleted), 'any', 'x', write],
  ['re-creates with no_stream', streamOf('ab', softDeleted), 'no_stream', 'x', write],
  ['does not re-create with nothing', streamOf('ab', softDeleted), 'no_stream', '', wrong],
  ['re-creates with the last number', streamOf('ab', softDeleted), 1n, 'x', write],
  ['does not re-create with a lower number', streamOf('ab', softDeleted), 0n, 'x', wrong],
  [
    'does not re-create with stream_exists',
    streamOf('ab', softDeleted),
    'stream_exists',
    'x',
    deleted,
  ],
  ['refuses a tombstoned stream', streamOf('ab', { isTombstoned: true }), 'any', 'a', deleted],
];

describe('the commit check', () => {
  it.each(CASES)('%s', (_title, facts, expected, ids, decision) => {
    expect(checkCommit(facts, expected, [...ids])).toEqual(decision);
  });
});
