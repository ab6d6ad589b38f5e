import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorCodeOf } from '#kit/errors.ts';
import { ISSUED_TTL_MS, JOB_TTL_MS, setUp } from './app.testkit.ts';
import { issue, JOB, ORDER, orderEvent, participantEvent, USER } from './domain.testkit.ts';
import { type JobUpdate, jobIdOf } from './domain.ts';
import type { JobEvent } from './domain-events.ts';

const SEED = Number(process.env['FAST_CHECK_SEED'] ?? 20_261_122);

const codeOf = (promise: Promise<unknown>) => promise.then(() => undefined, errorCodeOf);

describe('a job that is issued', () => {
  it('is visible to its user only', async () => {
    const { jobs } = setUp();
    await jobs.issue(issue);
    expect((await jobs.get(JOB, USER)).record.state).toBe('ISSUED');
    expect(await codeOf(jobs.get(JOB, 'user-2'))).toBe('job-not-found');
  });

  it('is gone after its short time, with one report of it', async () => {
    const { jobs, pass, published } = setUp();
    await jobs.issue(issue);
    pass(ISSUED_TTL_MS);
    expect(await codeOf(jobs.get(JOB, USER))).toBe('job-not-found');
    await jobs.sweep();
    await jobs.sweep();
    expect(published.map((update) => [update.kind, update.sequence])).toEqual([['EXPIRED', 1]]);
  });

  it('stays for its full time once its saga began', async () => {
    const { jobs, pass } = setUp();
    await jobs.issue(issue);
    await jobs.fold(orderEvent('OrderPlaced'), '');
    pass(ISSUED_TTL_MS + 1);
    expect((await jobs.get(JOB, USER)).record.state).toBe('RUNNING');
  });

  it('is only read when its key is repeated after its saga began', async () => {
    const { jobs, store } = setUp();
    await jobs.issue(issue);
    await jobs.fold(orderEvent('OrderPlaced'), '');
    const before = await store.load(JOB);
    const replays = await Promise.all(Array.from({ length: 300 }, () => jobs.issue(issue)));
    expect(replays.every(({ replayed }) => replayed)).toBe(true);
    expect((await store.load(JOB)).revision).toBe(before.revision);
  });

  it('serves as many requests with one key at once as may come', async () => {
    const { jobs } = setUp();
    const answers = await Promise.all(Array.from({ length: 150 }, () => jobs.issue(issue)));
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  });

  it('leaves nothing behind when it is taken back', async () => {
    const { jobs, published, pass } = setUp();
    await jobs.issue(issue);
    expect(await jobs.cancel(JOB, USER)).toBe(true);
    expect(await jobs.cancel(JOB, USER)).toBe(false);
    expect((await jobs.list(USER, 10)).jobs).toEqual([]);
    pass(ISSUED_TTL_MS);
    await jobs.sweep();
    expect(published).toEqual([]);
  });

  it('is replayed to its key with the first order, and refused to another command', async () => {
    const { jobs } = setUp();
    await jobs.issue(issue);
    const again = await jobs.issue({ ...issue, orderId: JOB });
    expect(again).toMatchObject({ replayed: true, job: { record: { orderId: ORDER } } });
    const other = jobs.issue({ ...issue, requestHash: 'c'.repeat(64) });
    expect(await codeOf(other)).toBe('idempotency-key-reused');
  });

  it('is made again from the event when it was taken back too early', async () => {
    const { jobs, published } = setUp();
    await jobs.issue(issue);
    await jobs.cancel(JOB, USER);
    await jobs.fold(orderEvent('OrderPlaced'), '');
    expect(published.map((update) => update.sequence)).toEqual([1]);
    expect((await jobs.issue(issue)).replayed).toBe(true);
  });
});

describe('the list of a user', () => {
  it('is paged, newest first, without those that expired', async () => {
    const { jobs, pass } = setUp();
    for (let index = 0; index < 5; index += 1) {
      await jobs.issue({ ...issue, idempotencyKey: `key-${index}` });
      pass(index === 0 ? ISSUED_TTL_MS - 10 : 1);
    }
    pass(20);
    const first = await jobs.list(USER, 2);
    const second = await jobs.list(USER, 2, first.next);
    const keys = [...first.jobs, ...second.jobs].map((job) => job.record.jobId);
    expect(keys).toEqual([4, 3, 2, 1].map((index) => jobIdOf(USER, `key-${index}`)));
    expect(second.next).toBeUndefined();
  });
});

describe('an update whose publication failed', () => {
  it('fails the event, and is published when the event comes again', async () => {
    const { jobs, published, failPublishing } = setUp();
    const event = orderEvent('OrderPlaced');
    failPublishing([true]);
    expect(await codeOf(jobs.fold(event, ''))).toBe('unavailable');
    expect(published).toEqual([]);
    expect(await jobs.fold(event, '')).toEqual({ kind: 'ignored', reason: 'duplicate' });
    expect(published.map((update) => update.kind)).toEqual(['STARTED']);
  });

  it('is published by the sweep when the event never comes again', async () => {
    const { jobs, published, failPublishing } = setUp();
    failPublishing([true]);
    await codeOf(jobs.fold(orderEvent('OrderPlaced'), ''));
    await jobs.sweep();
    expect(published.map((update) => update.kind)).toEqual(['STARTED']);
  });
});

describe('a store that lost everything', () => {
  it('goes on where the published updates end, and knows what was folded in', async () => {
    const { jobs, store, published } = setUp();
    await jobs.issue(issue);
    const placed = orderEvent('OrderPlaced');
    const failed = orderEvent('SagaStepFailed');
    await jobs.fold(placed, '');
    await jobs.fold(failed, '');
    store.loseEverything();
    expect(await jobs.fold(failed, '')).toEqual({ kind: 'ignored', reason: 'duplicate' });
    await jobs.fold(orderEvent('OrderRejected'), '');
    expect(published.map(({ sequence, kind }) => [sequence, kind])).toEqual([
      [1, 'STARTED'],
      [2, 'STEP_FAILED'],
      [3, 'FAILED'],
    ]);
    expect((await jobs.get(JOB, USER)).record).toMatchObject({
      state: 'FAILED',
      reason: 'out-of-stock',
      step: 'RESERVE_STOCK',
      orderId: ORDER,
    });
  });

  it('still knows that a job has expired, and when the others will', async () => {
    const { jobs, store, published, pass } = setUp();
    await jobs.fold(orderEvent('OrderPlaced'), '');
    pass(JOB_TTL_MS);
    await jobs.sweep();
    store.loseEverything();
    await jobs.sweep();
    expect(published.map(({ kind }) => kind)).toEqual(['STARTED', 'EXPIRED']);
    expect(await codeOf(jobs.get(JOB, USER))).toBe('job-not-found');
  });

  it('gives a repeated key its first order', async () => {
    const { jobs, store } = setUp();
    await jobs.issue(issue);
    await jobs.fold(orderEvent('OrderPlaced'), '');
    store.loseEverything();
    expect(await jobs.issue({ ...issue, orderId: JOB })).toMatchObject({
      replayed: true,
      job: { record: { orderId: ORDER, state: 'RUNNING' } },
    });
  });
});

describe('any history of one job', () => {
  type Step =
    | { readonly kind: 'event'; readonly event: JobEvent; readonly instance: number }
    | { readonly kind: 'lapse' }
    | { readonly kind: 'loss' };

  const saga = fc.constantFrom<ReadonlyArray<JobEvent>>(
    (['OrderPlaced', 'SagaStepCompleted', 'SagaStepRetried', 'OrderApproved'] as const).map(
      (name) => orderEvent(name),
    ),
    (
      [
        'OrderPlaced',
        'SagaStepCompleted',
        'SagaStepFailed',
        'SagaCompensationStarted',
        'SagaStepCompensated',
        'OrderRejected',
        'OrderApproved',
      ] as const
    ).map((name) => orderEvent(name)),
  );
  const events = saga.map((list) => [...list, participantEvent(), participantEvent()]);
  const histories = events.chain((list) => {
    const step: fc.Arbitrary<Step> = fc.oneof(
      {
        weight: 9,
        arbitrary: fc.record({
          kind: fc.constant('event' as const),
          event: fc.constantFrom(...list),
          instance: fc.nat({ max: 1 }),
        }),
      },
      { weight: 1, arbitrary: fc.constant({ kind: 'lapse' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'loss' as const }) },
    );
    return fc.tuple(
      fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { maxLength: 12 }),
      fc.array(fc.boolean(), { maxLength: 12 }),
    );
  });

  /** What a reader that drops what it has seen keeps. */
  function distinct(published: readonly JobUpdate[]): JobUpdate[] {
    return [...new Map(published.map((update) => [update.messageId, update])).values()];
  }

  it(`gives gapless, monotone updates with one end (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ([bursts, failures]) => {
        const { services, jobs, store, published, pass, failPublishing } = setUp(2);
        await jobs.issue(issue);
        failPublishing([...failures]);
        for (const burst of bursts) {
          if (burst.some((step) => step.kind === 'lapse')) pass(JOB_TTL_MS);
          if (burst.some((step) => step.kind === 'loss')) store.loseEverything();
          const folds = burst.flatMap((step) =>
            step.kind === 'event' ? [services[step.instance]?.fold(step.event, '')] : [],
          );
          await Promise.allSettled([...folds, jobs.sweep()]);
        }
        failPublishing([]);
        await jobs.sweep();
        check(distinct(published));
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  function check(updates: readonly JobUpdate[]): void {
    const order = ['ISSUED', 'RUNNING', 'COMPENSATING', 'SUCCEEDED', 'FAILED'];
    const ranks = updates.map((update) => Math.min(3, order.indexOf(update.state)));
    expect(updates.map((update) => update.sequence)).toEqual(updates.map((_, index) => index + 1));
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    const ends = updates.filter((update) => ['SUCCEEDED', 'FAILED'].includes(update.kind));
    expect(ends.length).toBeLessThanOrEqual(1);
    const afterEnd = updates.slice(
      updates.findIndex((update) => update.messageId === ends[0]?.messageId) + 1,
    );
    if (ends.length === 1) {
      expect(afterEnd.filter((update) => update.kind !== 'EXPIRED')).toEqual([]);
    }
    for (const [field, levels] of [
      ['outcome', ['OUTCOME']],
      ['progress', ['OUTCOME', 'PROGRESS']],
      ['detail', ['OUTCOME', 'PROGRESS', 'DETAIL']],
    ] as const) {
      let previous = 0;
      for (const update of updates) {
        expect(update.previousSequences[field]).toBe(previous);
        if ((levels as readonly string[]).includes(update.level)) previous = update.sequence;
      }
    }
  }
});
