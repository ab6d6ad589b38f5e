import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../harness/history/event.ts';
import { eventProblem } from '../../harness/history/event-check.ts';
import { mergeShards } from '../../harness/history/merge-shards.ts';
import { nowMs } from '../../harness/history/shard.ts';
import { FakeTier, type Flaw } from '../k6/fake-tier.testkit.ts';
import { checkedModel } from '../model/read-model.ts';
import type { SocketWork } from './messages.ts';
import { LoadTally } from './tally.ts';
import { LoadThreads } from './threads.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'load-engine-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const SOCKETS = { users: 2, perUser: 2, openedPerSecond: 100 };
const DEADLINE_MS = 30_000;

function workFor(port: number, more: object): SocketWork {
  const model = checkedModel(
    {
      ...{ name: 'small', claims: 'it works', durationSeconds: 1, slo: 'saga' },
      ...{ sockets: SOCKETS, sagas: { perSecond: 10 }, ...more },
    },
    'test',
  );
  return {
    ...{ role: 'sockets', model, seed: 's', runTag: '00000001', runFolder: folder },
    ...{ scenario: 'load-small', place: 0, places: 1 },
    customers: ['a', 'b'].map((userId, user) => ({ user, userId, token: `token-of-${userId}` })),
    nodes: [{ id: 'websocket-1', url: `ws://127.0.0.1:${port}/v1/updates` }],
    orders: { gateway: `http://127.0.0.1:${port}`, sku: 'sku', cardToken: 'card' },
  };
}

async function play(flaw: Flaw, more: object = {}) {
  await using tier = new FakeTier(flaw);
  const tally = new LoadTally();
  const { signal } = new AbortController();
  const works = [workFor(await tier.listen(), more)];
  await using threads = new LoadThreads(works, tally.add);
  const isReady = () => threads.readySockets === 4;
  expect(await threads.waitFor('sockets', isReady, DEADLINE_MS, signal)).toBe(true);
  threads.send({ what: 'start', atMs: nowMs() });
  await threads.stopped(DEADLINE_MS, signal);
  const { counts } = tally.total;
  const isOver = () => counts.finished === counts.accepted && tally.quietMs > 500;
  if (flaw !== 'unfinished') await threads.waitFor('the end', isOver, DEADLINE_MS, signal);
  const [finished] = await threads.finish([], DEADLINE_MS, signal);
  const history = join(folder, 'history.jsonl');
  const { torn } = await mergeShards(folder, history);
  const lines = readFileSync(history, 'utf8').split('\n').filter(Boolean);
  const events = lines.map((line) => JSON.parse(line) as HistoryEvent);
  return { counts, finished, torn, events, latencies: tally.total.latencies };
}

const framesIn = (events: readonly HistoryEvent[]) =>
  events.filter((event) => event.type === 'ws' && event.what === 'frame');

describe('a thread of the engine', () => {
  it('places orders, follows them on sockets, and records all of it', async () => {
    const { counts, finished, torn, events, latencies } = await play('none');
    expect(torn).toEqual([]);
    expect(counts).toMatchObject({ accepted: 10, finished: 10, errors: 0, lost: 0 });
    expect(counts).toMatchObject({ gap: 0, duplicate: 0, reorder: 0, leak: 0 });
    expect(finished).toMatchObject({ missing: 0, unfinished: 0 });
    expect(framesIn(events)).toHaveLength(counts.frames);
    expect(latencies.summary('accept')?.count).toBe(10);
    expect(latencies.summary('saga')?.count).toBe(10);
    expect(latencies.summary('connect')?.count).toBe(4);
    const closes = events.filter((event) => event.type === 'ws' && event.what === 'closed');
    expect(closes).toHaveLength(4);
    for (const event of events) expect(eventProblem(event)).toBeUndefined();
    const times = events.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it.each(['gap', 'duplicate'] as const)('counts a %s as it arrives', async (flaw) => {
    const { counts } = await play(flaw);
    expect(counts[flaw]).toBeGreaterThan(0);
  });

  it('counts a frame above the level that was asked for', async () => {
    const levels = { outcome: 1, progress: 0, detail: 0 };
    const { counts } = await play('level', { sockets: { ...SOCKETS, levels } });
    expect(counts.leak).toBeGreaterThan(0);
  });

  it('counts commands that were refused, and those without an end', async () => {
    const refused = await play('refused');
    expect(refused.counts).toMatchObject({ accepted: 0, errors: 10 });
    rmSync(join(folder, 'shards'), { recursive: true });
    const unfinished = await play('unfinished');
    expect(unfinished.finished).toMatchObject({ unfinished: 10 });
  });

  it('comes back when its sockets are cut, and resumes without a gap', async () => {
    const { counts, finished, latencies } = await play('cut');
    expect(finished).toMatchObject({ unfinished: 0 });
    expect(counts.lost).toBeGreaterThan(0);
    expect(latencies.summary('reconnect')?.count).toBeGreaterThan(0);
    expect(counts).toMatchObject({ gap: 0, duplicate: 0, reorder: 0 });
  });

  it('has customers come and go', async () => {
    const { counts, latencies } = await play('none', { churn: { perSecond: 10 } });
    expect(latencies.summary('reconnect')?.count).toBeGreaterThan(0);
    expect(counts).toMatchObject({ gap: 0, duplicate: 0, reorder: 0, errors: 0 });
  });
});
