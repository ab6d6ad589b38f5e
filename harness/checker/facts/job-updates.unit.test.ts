import { expect, it } from 'vitest';
import type { JobUpdatesJobUpdate } from '#avro/types.generated.ts';
import type { KafkaRecord } from '../../history/event.ts';
import type { JobFacts } from '../scope.ts';
import { JobUpdates, sayingOf } from './job-updates.ts';

type Published = Partial<Pick<JobUpdatesJobUpdate, 'kind' | 'state' | 'level'>> & { ms?: number };

const jobOf = (number: number) => ({ number }) as JobFacts;

function add(
  updates: JobUpdates,
  job: number,
  sequence: unknown,
  at: number,
  published: Published = {},
) {
  const { kind = 'STARTED', state = 'RUNNING', level = 'PROGRESS', ms = 1_000 } = published;
  const record = { index: at, timestampMs: ms } as KafkaRecord;
  updates.add(jobOf(job), record, { sequence, kind, state, level } as JobUpdatesJobUpdate);
}

it('tells what each update of a job said, where and when', () => {
  const updates = new JobUpdates();
  add(updates, 2, 1, 10, { ms: 1_767_225_600_123 });
  add(updates, 0, 1, 11, { kind: 'FAILED', state: 'FAILED', level: 'OUTCOME' });
  add(updates, 2, 2, 12, { kind: 'COMPENSATING', state: 'COMPENSATING', level: 'DETAIL' });
  const known = updates.of(jobOf(2));
  expect(known?.inOrder.map(({ sequence, at, level, ms }) => [sequence, at, level, ms])).toEqual([
    [1, 10, 1, 1_767_225_600_123],
    [2, 12, 2, 1_000],
  ]);
  expect(known?.bySequence.get(2)).toMatchObject({ kind: 'COMPENSATING', state: 'COMPENSATING' });
  expect(updates.of(jobOf(0))?.inOrder.map(sayingOf)).toEqual(['FAILED (FAILED)']);
  expect(known?.expiredMs).toBe(Number.POSITIVE_INFINITY);
  expect(updates.of(jobOf(1))).toBeUndefined();
});

it('keeps the first of two updates with one number, and when the job expired', () => {
  const updates = new JobUpdates();
  add(updates, 0, 3, 5);
  add(updates, 0, 3, 6, { kind: 'EXPIRED', ms: 7 });
  expect(updates.of(jobOf(0))?.expiredMs).toBe(Number.POSITIVE_INFINITY);
  expect(updates.of(jobOf(0))?.bySequence.get(3)?.at).toBe(5);
  add(updates, 0, 4, 7, { kind: 'EXPIRED', ms: 8.5 });
  expect(updates.of(jobOf(0))?.expiredMs).toBe(8.5);
});

it('takes numbers that no job has as they are', () => {
  const updates = new JobUpdates();
  const numbers = [-1, 0.5, 0, 7, 2, 100_000, 100_001, 2 ** 31, -1e300, 1.5];
  for (const [at, sequence] of numbers.entries()) add(updates, 0, sequence, at);
  const known = updates.of(jobOf(0));
  expect(known?.inOrder.map(({ sequence }) => sequence)).toEqual([2, 7, 100_000]);
  expect(known?.bySequence.get(0.5)?.at).toBe(1);
  expect(known?.bySequence.get(-1e300)?.at).toBe(8);
  // What is nonsense is not looked at, but a job that has only such is known all the same.
  expect(known?.bySequence.has(100_001)).toBe(false);
  add(updates, 1, 2 ** 40, 20);
  expect(updates.of(jobOf(1))?.bySequence.size).toBe(0);
});

it('does not take words that it does not know for those that it knows', () => {
  const updates = new JobUpdates();
  const published = { kind: 'EXPLODED', state: 'LOST', level: 'WHISPER' } as unknown as Published;
  add(updates, 0, 1, 0, published);
  const [update] = updates.of(jobOf(0))?.inOrder ?? [];
  expect(update).toMatchObject({ kind: undefined, state: undefined, level: 3 });
});

it('answers the same again, also about a job with very many updates', () => {
  const updates = new JobUpdates();
  for (let sequence = 300; sequence > 0; sequence--) add(updates, 4, sequence, 1_000 - sequence);
  const known = updates.of(jobOf(4));
  expect(known?.inOrder.map(({ sequence }) => sequence).slice(0, 3)).toEqual([1, 2, 3]);
  expect(known?.inOrder).toHaveLength(300);
  expect(updates.of(jobOf(4))).toEqual(known);
});
