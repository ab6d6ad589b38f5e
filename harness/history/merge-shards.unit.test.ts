import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { mergeShards } from './merge-shards.ts';
import { openShard, SHARD_FOLDER } from './shard.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'merge-'));
  mkdirSync(join(folder, SHARD_FOLDER));
});
afterEach(() => rmSync(folder, { recursive: true }));

const shard = (name: string, text: string): void =>
  writeFileSync(join(folder, SHARD_FOLDER, name), text);

async function merged(): Promise<{ torn: readonly string[]; events: unknown[] }> {
  const target = join(folder, 'history.jsonl');
  const { torn } = await mergeShards(folder, target);
  const lines = readFileSync(target, 'utf8').split('\n').filter(Boolean);
  return { torn, events: lines.map((line): unknown => JSON.parse(line)) };
}

it('merges shards by time and numbers the events without a gap', async () => {
  shard('a.jsonl', '{"atMs":1,"type":"a"}\n{"atMs":4,"type":"b"}\n');
  shard('b.jsonl', '{"atMs":2,"type":"c"}\n{"atMs":3,"type":"d"}\n{"atMs":5,"type":"e"}\n');
  expect(await merged()).toEqual({
    torn: [],
    events: [
      { index: 0, atMs: 1, type: 'a' },
      { index: 1, atMs: 2, type: 'c' },
      { index: 2, atMs: 3, type: 'd' },
      { index: 3, atMs: 4, type: 'b' },
      { index: 4, atMs: 5, type: 'e' },
    ],
  });
});

it('keeps the order of events of one shard that have the same time', async () => {
  shard('a.jsonl', '{"atMs":1,"type":"a"}\n{"atMs":1,"type":"b"}\n');
  const { events } = await merged();
  expect(events).toMatchObject([{ type: 'a' }, { type: 'b' }]);
});

it('names a line that a killed process left half written, and goes on', async () => {
  shard('a.jsonl', '{"atMs":1,"type":"a"}\n{"atMs":2,"ty');
  shard('b.jsonl', '{"atMs":3,"type":"c"}\n');
  const { events, torn } = await merged();
  expect(events).toHaveLength(2);
  expect(torn).toHaveLength(1);
});

it('reads what a shard wrote', async () => {
  const open = openShard(folder);
  open.record({ type: 'scenario-started', scenario: 'x' });
  open.close();
  const { events } = await merged();
  expect(events).toMatchObject([{ index: 0, type: 'scenario-started', scenario: 'x' }]);
});
