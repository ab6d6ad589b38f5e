import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openSqliteStore } from '../sqlite-store.ts';
import type { EventStore } from '../store.ts';
import type { Filter } from './filter.ts';
import type { ReadRequest, ReadSource } from './read.ts';
import { subscribe } from './subscription.ts';

let folder: string;
let store: EventStore;
const stopped = new Error('stopped');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eventstore-'));
  store = openSqliteStore({ folder });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function append(count: number): Promise<void> {
  const events = Array.from({ length: count }, () => ({
    id: randomUUID(),
    type: 'event',
    isJson: false,
    data: new Uint8Array(1),
    metadata: new Uint8Array(),
  }));
  await store.append({ stream: 's', expected: 'any', events });
}

/** A subscriber that takes messages only while its gate is open, and logs what it took. */
function subscriber(source: ReadSource) {
  const log: string[] = [];
  let gate = Promise.withResolvers<void>();
  gate.resolve();
  const stop = new AbortController();
  const request: ReadRequest = {
    source,
    direction: 'forwards',
    maxCount: undefined,
    format: { hasStructuredIds: false, resolvesLinks: false },
  };
  const send = async (message: streamsPb.ReadResp) => {
    await gate.promise;
    log.push(describeMessage(message));
  };
  const ended = subscribe(store, request, send, stop.signal).catch((error: unknown) => error);
  return {
    log,
    close: () => {
      gate = Promise.withResolvers();
    },
    open: () => gate.resolve(),
    until: (entry: string, count = 1) =>
      vi.waitFor(() => expect(log.filter((each) => each === entry)).toHaveLength(count)),
    async stop() {
      stop.abort(stopped);
      return ended;
    },
  };
}

function describeMessage(message: streamsPb.ReadResp): string {
  if (message.hasConfirmation()) return 'confirmed';
  if (message.hasCaughtUp()) return 'caught up';
  const checkpoint = message.getCheckpoint();
  if (checkpoint) return `checkpoint ${checkpoint.getCommitPosition()}`;
  return `event ${message.getEvent()?.getEvent()?.getStreamRevision()}`;
}

const stream: ReadSource = { kind: 'stream', stream: 's', from: 'start' };
const revisions = (count: number) => Array.from({ length: count }, (_, i) => `event ${i}`);

describe('a subscription', () => {
  it('reads no further page for a client that takes nothing, however much is appended', async () => {
    const slow = subscriber(stream);
    await slow.until('caught up');
    slow.close();
    const reads = vi.spyOn(store, 'readStream');
    for (let i = 0; i < 20; i++) await append(100);
    expect(reads.mock.calls.length).toBeLessThanOrEqual(1);
    slow.open();
    await slow.until('event 1999');
    await slow.until('caught up', 2);
    expect(slow.log.filter((entry) => entry.startsWith('event'))).toEqual(revisions(2_000));
    await slow.stop();
  });

  it('says caughtUp again after it fell behind, and not while it keeps up', async () => {
    const seen = subscriber(stream);
    await seen.until('caught up');
    for (let i = 0; i < 5; i++) {
      await append(10);
      await seen.until(`event ${i * 10 + 9}`);
    }
    expect(seen.log.filter((entry) => entry === 'caught up')).toHaveLength(1);
    seen.close();
    await append(100);
    seen.open();
    await seen.until('event 149');
    await seen.until('caught up', 2);
    expect(seen.log.at(-1)).toBe('caught up');
    await seen.stop();
  });

  it('ends with the reason of its signal and leaves no listener behind', async () => {
    const listening = vi.spyOn(store, 'onCommit');
    const seen = subscriber(stream);
    await seen.until('caught up');
    const stopListening = listening.mock.results[0]?.value as () => boolean;
    expect(await seen.stop()).toBe(stopped);
    expect(stopListening()).toBe(false);
    await append(1);
    expect(seen.log).toEqual(['confirmed', 'caught up']);
  });

  it('gives a checkpoint after every interval of considered events, and on going live', async () => {
    await append(50);
    const { events } = await store.readAll({ from: 0n, direction: 'forwards', limit: 50 });
    const at = (index: number) => `checkpoint ${events[index]?.position}`;
    const nothing: Filter = {
      spec: { by: 'type', match: { prefixes: [] } },
      passes: () => false,
      checkpointIntervalEvents: 20,
    };
    const seen = subscriber({ kind: 'all', from: 'start', filter: nothing });
    await seen.until('caught up');
    expect(seen.log).toEqual(['confirmed', at(19), at(39), at(49), 'caught up']);
    await append(10);
    await vi.waitFor(() => expect(seen.log).toHaveLength(6));
    const last = await store.readAll({ from: 0n, direction: 'forwards', limit: 60 });
    expect(seen.log.at(-1)).toBe(`checkpoint ${last.events.at(-1)?.position}`);
    await seen.stop();
  });
});
