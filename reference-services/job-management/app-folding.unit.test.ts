import { describe, expect, it } from 'vitest';
import { setUp } from './app.testkit.ts';
import type { JobService } from './app.ts';
import { issue, orderEvent } from './domain.testkit.ts';
import type { JobEvent } from './domain-events.ts';

describe('events of one job that come together', () => {
  it('are folded in one step, in their order, and each has its own answer', async () => {
    const { jobs, store, published } = setUp();
    await jobs.issue(issue);
    const [placed, step] = [orderEvent('OrderPlaced'), orderEvent('SagaStepCompleted')];
    let commits = 0;
    const commit = store.commitAndClaim.bind(store);
    store.commitAndClaim = (...asked) => {
      commits += 1;
      return commit(...asked);
    };
    const answers = await Promise.all([placed, step, placed].map((event) => jobs.fold(event, '')));
    expect(answers).toEqual([
      { kind: 'updated', sequence: 1 },
      { kind: 'updated', sequence: 2 },
      { kind: 'ignored', reason: 'duplicate' },
    ]);
    expect(published.map(({ kind }) => kind)).toEqual(['STARTED', 'STEP_COMPLETED']);
    expect(commits).toBe(1);
  });

  it('are read again when another instance has written the job meanwhile', async () => {
    const { services, published } = setUp(2);
    const [one, other] = services as [JobService, JobService];
    await one.issue(issue);
    const events = ['OrderPlaced', 'SagaStepCompleted', 'OrderApproved'] as const;
    const [placed, step, approved] = events.map((type) => orderEvent(type)) as [
      JobEvent,
      JobEvent,
      JobEvent,
    ];
    await one.fold(placed, '');
    await other.fold(step, '');
    expect(await one.fold(step, '')).toEqual({ kind: 'ignored', reason: 'duplicate' });
    await other.fold(approved, '');
    expect(published.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });
});
