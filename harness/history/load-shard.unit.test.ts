import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BODIES_KEPT } from './load-records.ts';
import { LoadShard } from './load-shard.ts';
import { mergeShards } from './merge-shards.ts';
import { LoadDecoder } from './read-load-shard.ts';
import { openShard, SHARD_FOLDER } from './shard.ts';
import { ShardTail } from './shard-tail.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'load-shard-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const NAME = { socket: 's1', scenario: 'load', userId: 'u1', node: 'websocket-1' };

async function merged() {
  const target = join(folder, 'history.jsonl');
  const { torn } = await mergeShards(folder, target);
  const lines = readFileSync(target, 'utf8').split('\n').filter(Boolean);
  return { torn, events: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}
const shardFile = () =>
  join(folder, SHARD_FOLDER, readdirSync(join(folder, SHARD_FOLDER))[0] as string);

it('turns what sockets did into events, merged by time with those of other recorders', async () => {
  const shard = new LoadShard(folder);
  const socket = shard.socket(NAME);
  shard.step(10.25, socket, 'open');
  shard.step(11, socket, 'sent', '{"type":"subscribe"}');
  shard.step(12, socket, 'frame', '{"type":"update","detail":"日本"}');
  shard.step(14, socket, 'closed', 1000);
  shard.close();
  const other = openShard(folder);
  other.record({ type: 'scenario-started', scenario: 'x' });
  other.close();
  const { events } = await merged();
  const about = { type: 'ws', ...NAME };
  expect(events.slice(0, 4)).toEqual([
    { index: 0, atMs: 10.25, ...about, what: 'open' },
    { index: 1, atMs: 11, ...about, what: 'sent', message: { type: 'subscribe' } },
    { index: 2, atMs: 12, ...about, what: 'frame', message: { type: 'update', detail: '日本' } },
    { index: 3, atMs: 14, ...about, what: 'closed', closeCode: 1000 },
  ]);
  expect(events[4]).toMatchObject({ index: 4, type: 'scenario-started' });
});

it('keeps a frame that went to many sockets once', async () => {
  const shard = new LoadShard(folder);
  const sockets = [1, 2, 3].map((n) => shard.socket({ ...NAME, socket: `s${n}` }));
  const text = JSON.stringify({ type: 'update', detail: 'x'.repeat(10_000) });
  for (const socket of sockets) shard.step(1, socket, 'frame', text);
  shard.close();
  expect(readFileSync(shardFile()).length).toBeLessThan(11_000);
  const { events } = await merged();
  expect(events.map(({ socket }) => socket)).toEqual(['s1', 's2', 's3']);
});

it('gives each frame its own body, however many came between', async () => {
  const shard = new LoadShard(folder);
  const socket = shard.socket(NAME);
  const numbers = Array.from({ length: BODIES_KEPT + 100 }, (_, n) => n);
  for (const n of [...numbers, 5, BODIES_KEPT]) shard.step(1, socket, 'frame', `{"n":${n}}`);
  shard.close();
  const { events } = await merged();
  const found = events.map(({ message }) => (message as { n: number }).n);
  expect(found).toEqual([...numbers, 5, BODIES_KEPT]);
});

it('records any other event with its time', async () => {
  const shard = new LoadShard(folder);
  shard.record({ type: 'scenario-started', scenario: 'load' });
  shard.close();
  const { events } = await merged();
  expect(events).toEqual([
    { index: 0, atMs: expect.any(Number), type: 'scenario-started', scenario: 'load' },
  ]);
});

it('names a record that was cut, and keeps those before it', async () => {
  const shard = new LoadShard(folder);
  const socket = shard.socket(NAME);
  shard.step(1, socket, 'open');
  shard.step(2, socket, 'closed', 1000);
  shard.close();
  truncateSync(shardFile(), readFileSync(shardFile()).length - 3);
  const { events, torn } = await merged();
  expect(events.map(({ what }) => what)).toEqual(['open']);
  expect(torn).toHaveLength(1);
});

it('decodes the same from pieces of any size', () => {
  const shard = new LoadShard(folder);
  const socket = shard.socket(NAME);
  for (let n = 0; n < 20; n++) shard.step(n, socket, 'frame', `{"n":${n % 3}}`);
  shard.record({ type: 'scenario-started', scenario: 'load' });
  shard.close();
  const bytes = readFileSync(shardFile());
  const whole = [...new LoadDecoder().push(bytes)];
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
      const decoder = new LoadDecoder();
      const lines = [];
      for (let from = 0, piece = 0; from < bytes.length; piece++) {
        const size = sizes[piece % sizes.length] ?? 1;
        lines.push(...decoder.push(bytes.subarray(from, from + size)));
        from += size;
      }
      expect(lines).toEqual(whole);
    }),
  );
});

it('refuses bytes that are no load shard', () => {
  expect(() => [...new LoadDecoder().push(Buffer.from('something else'))]).toThrow('no load shard');
});

it('shows a reader of growing shards everything but frames, once', () => {
  const shard = new LoadShard(folder);
  const tail = new ShardTail(folder);
  const socket = shard.socket(NAME);
  shard.step(1, socket, 'open');
  shard.step(2, socket, 'frame', '{"n":1}');
  shard.flush();
  expect(tail.read()).toMatchObject([{ atMs: 1, what: 'open' }]);
  shard.step(3, socket, 'closed', 1000);
  shard.flush();
  expect(tail.read()).toMatchObject([{ atMs: 3, what: 'closed' }]);
  shard.close();
});
