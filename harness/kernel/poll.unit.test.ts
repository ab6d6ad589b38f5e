import { describe, expect, it } from 'vitest';
import { deadline, retry, until, within } from './poll.ts';

const never = () => new Promise<never>(() => undefined);

describe('retry', () => {
  it('attempts again until one succeeds', async () => {
    let attempts = 0;
    const attempt = () => {
      attempts += 1;
      if (attempts < 3) throw new Error('not yet');
      return 'there';
    };
    using limit = deadline('the answer', 5_000);
    expect(await retry('the answer', attempt, limit)).toBe('there');
  });

  it('fails with the label, the time and the last failure', async () => {
    using limit = deadline('kafka', 30);
    const refused = async () => Promise.reject(new Error('ECONNREFUSED'));
    await expect(retry('kafka answers', refused, limit)).rejects.toThrow(
      'kafka answers: kafka took longer than 30 ms; last answer: ECONNREFUSED',
    );
  });

  it('ends when the parent signal aborts', async () => {
    const parent = new AbortController();
    using limit = deadline('kafka', 60_000, parent.signal);
    const refused = () => {
      parent.abort(new Error('interrupted'));
      throw new Error('no');
    };
    await expect(retry('kafka answers', refused, limit)).rejects.toThrow(/interrupted/);
  });

  it('ends an attempt that does not return', async () => {
    using limit = deadline('kafka', 30);
    await expect(retry('kafka answers', never, limit)).rejects.toThrow(/longer than 30 ms/);
  });
});

describe('until', () => {
  it('looks again while there is nothing to see, or the look fails', async () => {
    const answers = [() => undefined, () => false as const, fail, () => 0];
    expect(await until('a number', () => (answers.shift() ?? fail)())).toBe(0);
  });

  it('gives up at the deadline, with the last failure', async () => {
    await expect(until('a frame', () => undefined, 30)).rejects.toThrow(
      /^gave up waiting for a frame after 30 ms$/,
    );
    await expect(until('a frame', fail, 30)).rejects.toThrow(
      'gave up waiting for a frame after 30 ms; the last look failed: no answer',
    );
    await expect(until('a frame', never, 30)).rejects.toThrow('gave up waiting for a frame');
  });

  it('throws the reason of the signal that ends it', async () => {
    const signal = AbortSignal.abort(new Error('interrupted'));
    await expect(until('a frame', () => undefined, 1_000, signal)).rejects.toThrow(/^interrupted$/);
  });

  const fail = (): undefined => {
    throw new Error('no answer');
  };
});

describe('within', () => {
  it('settles as the promise does, or fails in time', async () => {
    expect(await within('a close', 1_000, Promise.resolve(7))).toBe(7);
    await expect(within('a close', 20, never())).rejects.toThrow('a close took longer than 20 ms');
  });
});
