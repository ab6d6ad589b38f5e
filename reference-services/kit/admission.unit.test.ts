import { describe, expect, it } from 'vitest';
import { admission } from './admission.ts';
import { withDeadline } from './deadline.ts';

/** Work that ends when it is released. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  let began = 0;
  const work = async () => {
    began += 1;
    await promise;
    return began;
  };
  return { work, resolve, began: () => began };
}

describe('admission', () => {
  it('works on so many at once, lets so many wait, and refuses the rest at once', async () => {
    const admit = admission({ atOnce: 2, waitingMax: 3, msMin: 0 });
    const { work, resolve, began } = held();
    const results = Array.from({ length: 8 }, () => admit(work));
    const settled = Promise.allSettled(results);
    await Promise.allSettled(results.slice(5));
    expect(began()).toBe(2);
    resolve();
    const outcomes = (await settled).map(({ status }) => status);
    expect(outcomes).toEqual([
      ...Array.from({ length: 5 }, () => 'fulfilled'),
      ...Array.from({ length: 3 }, () => 'rejected'),
    ]);
    await expect(results[7]).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('does not begin what has too little time left when its turn comes', async () => {
    const admit = admission({ atOnce: 1, waitingMax: 5, msMin: 60_000 });
    const { work, began } = held();
    const late = withDeadline(1_000, undefined, () => admit(work));
    await expect(late).rejects.toMatchObject({ code: 'unavailable' });
    expect(began()).toBe(0);
  });
});
