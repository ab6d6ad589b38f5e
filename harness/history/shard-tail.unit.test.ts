import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openShard, SHARD_FOLDER } from './shard.ts';
import { ShardTail } from './shard-tail.ts';

describe('the tail of the shards', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tail-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const started = (scenario: string) => ({ type: 'scenario-started', scenario }) as const;
  const names = (tail: ShardTail) =>
    tail.read().map((event) => ('scenario' in event ? event.scenario : event.type));

  it('has each event once, by time, also of shards that are opened later', () => {
    const first = openShard(folder);
    const tail = new ShardTail(folder);
    first.record(started('a'));
    expect(names(tail)).toEqual(['a']);
    expect(names(tail)).toEqual([]);
    const second = openShard(folder);
    second.record(started('b'));
    first.record(started('c'));
    second.record(started('ü'));
    expect(names(tail)).toEqual(['b', 'c', 'ü']);
    expect(names(tail)).toEqual([]);
    first.close();
    second.close();
  });

  it('leaves a line that is being written for later, and one that is no event out', () => {
    const shard = openShard(folder);
    const tail = new ShardTail(folder);
    const [name = ''] = readdirSync(join(folder, SHARD_FOLDER));
    const file = join(folder, SHARD_FOLDER, name);
    appendFileSync(file, '{"atMs":1,"type":"scenario-started","scen');
    expect(names(tail)).toEqual([]);
    appendFileSync(file, 'ario":"a"}\n{"atMs":2,"ty\n');
    expect(names(tail)).toEqual(['a']);
    shard.close();
  });
});
