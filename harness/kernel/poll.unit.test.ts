import { expect, it } from 'vitest';
import { deadline, until } from './poll.ts';

it('asks again until the answer is good', async () => {
  let asked = 0;
  const attempt = () => {
    asked += 1;
    if (asked < 3) throw new Error('not yet');
    return 'there';
  };
  using limit = deadline('the answer', 5_000);
  expect(await until('the answer', attempt, limit)).toBe('there');
});

it('says what it waited for, how long, and what the last answer was', async () => {
  using limit = deadline('kafka', 30);
  const refused = async () => Promise.reject(new Error('ECONNREFUSED'));
  await expect(until('kafka answers', refused, limit)).rejects.toThrow(
    'kafka answers: kafka took longer than 30 ms; last answer: ECONNREFUSED',
  );
});

it('ends with the signal of whoever asked', async () => {
  const parent = new AbortController();
  using limit = deadline('kafka', 60_000, parent.signal);
  const refused = () => {
    parent.abort(new Error('told to stop'));
    throw new Error('no');
  };
  await expect(until('kafka answers', refused, limit)).rejects.toThrow(/told to stop/);
});
