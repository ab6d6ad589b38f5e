import { expect, it } from 'vitest';
import { readTopicTable } from '#contracts/spec/topics.ts';
import { PRODUCERS } from './producers.ts';

it('names the producer of each topic as the topic table does', () => {
  const { topics } = readTopicTable();
  const table = topics.map(({ name, producers }) => [name, producers.join()]);
  expect(PRODUCERS).toEqual(Object.fromEntries(table));
});
