import { describe, expect, it, vi } from 'vitest';
import type { Unrecorded } from '../history/event.ts';
import { HISTORY_SOURCES } from '../history/sources.ts';
import type { AddressBook } from '../kernel/address-book.ts';
import { WITNESSES } from './all.ts';
import { startRecorders } from './recorders.ts';
import type { Recorder, Witness } from './witness.ts';

const QUIET_MS = 200;
const noBook = {} as AddressBook;
const signal = new AbortController().signal;

interface Fake extends Partial<Recorder> {
  readonly name?: string;
  readonly sources?: Witness['sources'];
  readonly settles?: Witness['settles'];
  readonly settleDeadlineMs?: number;
  readonly start?: Witness['start'];
}

/** A witness that does nothing but what it is given. */
function fake(given: Fake = {}) {
  const { name = 'fake', sources = ['kafka'], settles = 'stream' } = given;
  const recorder = {
    events: given.events ?? 0,
    ...(given.drained === undefined ? {} : { drained: given.drained }),
    settle: vi.fn(given.settle ?? (async () => undefined)),
    close: vi.fn(given.close ?? (async () => undefined)),
  };
  const { settleDeadlineMs } = given;
  const witness: Witness = {
    name,
    sources,
    settles,
    ...(settleDeadlineMs === undefined ? {} : { settleDeadlineMs }),
    start: given.start ?? (async () => recorder),
  };
  return { witness, recorder };
}

function starting(...witnesses: readonly Witness[]) {
  const events: Unrecorded[] = [];
  const record = (event: Unrecorded) => void events.push(event);
  const options = { book: noBook, run: 'run-1', record, signal, witnesses };
  return { events, options, start: () => startRecorders(options) };
}

describe('starting the witnesses', () => {
  it('closes those that started when one fails, and rejects with its error', async () => {
    const first = fake();
    const second = fake({ start: () => Promise.reject(new Error('no broker')) });
    await expect(starting(first.witness, second.witness).start()).rejects.toThrow('no broker');
    expect(first.recorder.close).toHaveBeenCalledOnce();
  });

  it('gives up at the deadline, and closes those that start later', async () => {
    const late = Promise.withResolvers<Recorder>();
    const first = fake();
    const hanging = fake({ start: () => late.promise });
    const { options } = starting(first.witness, hanging.witness);
    await expect(startRecorders({ ...options, startDeadlineMs: 10 })).rejects.toThrow(
      'starting the witnesses took longer than 10 ms',
    );
    late.resolve(hanging.recorder);
    await vi.waitFor(() => expect(hanging.recorder.close).toHaveBeenCalledOnce());
    await vi.waitFor(() => expect(first.recorder.close).toHaveBeenCalledOnce());
  });

  it('gives up when the signal aborts', async () => {
    const stop = new AbortController();
    const { options } = starting(fake({ start: () => new Promise(() => undefined) }).witness);
    const started = startRecorders({ ...options, signal: stop.signal });
    stop.abort(new Error('the stack is gone'));
    await expect(started).rejects.toThrow('the stack is gone');
  });
});

describe('waiting for a quiet system', () => {
  it('waits until every witness that can tell has drained', async () => {
    const answers = [false, false, true];
    const drained = vi.fn(async () => answers.shift() ?? true);
    const recorders = await starting(fake().witness, fake({ drained }).witness).start();
    await expect(recorders.quiet(10_000, signal)).resolves.toBe(true);
    expect(drained).toHaveBeenCalledTimes(3);
  });

  it('ends at the deadline when a witness cannot be asked', async () => {
    const drained = () => Promise.reject(new Error('no broker'));
    const recorders = await starting(fake({ drained }).witness).start();
    await expect(recorders.quiet(QUIET_MS, signal)).resolves.toBe(false);
  });
});

describe('settling', () => {
  it('records each source as complete, snapshots before streams', async () => {
    const { events, start } = starting(
      fake({ sources: ['kafka'], events: 3 }).witness,
      fake({ sources: ['client', 'websocket'], settles: 'snapshot' }).witness,
    );
    await (await start()).settle(signal);
    expect(events).toEqual([
      { type: 'source-closed', source: 'client', state: 'complete', events: 0 },
      { type: 'source-closed', source: 'websocket', state: 'complete', events: 0 },
      { type: 'source-closed', source: 'kafka', state: 'complete', events: 3 },
    ]);
  });

  it('calls every source incomplete when there is a doubt about all', async () => {
    const { events, start } = starting(fake({ sources: ['kafka', 'postgres'] }).witness);
    await (await start()).settle(signal, 'the machine was starved');
    expect(events).toMatchObject([
      { source: 'kafka', state: 'incomplete', reason: 'the machine was starved' },
      { source: 'postgres', state: 'incomplete', reason: 'the machine was starved' },
    ]);
  });

  it('calls a source incomplete when one of its witnesses is, and says why', async () => {
    const settle = () => Promise.reject(new Error('the store does not answer'));
    const { events, start } = starting(
      fake({ sources: ['postgres'], settles: 'snapshot', events: 2, settle }).witness,
      fake({ sources: ['postgres'], settles: 'snapshot', events: 5 }).witness,
    );
    await (await start()).settle(signal);
    expect(events).toEqual([
      {
        type: 'source-closed',
        source: 'postgres',
        state: 'incomplete',
        events: 7,
        reason: 'the store does not answer',
      },
    ]);
  });

  it('gives up a witness that hangs, and settles the others', async () => {
    vi.useFakeTimers();
    try {
      const settle = () => new Promise<void>(() => undefined);
      const { events, start } = starting(
        fake({ sources: ['kafka'], settle, settleDeadlineMs: 1_000 }).witness,
        fake({ sources: ['eventstore'] }).witness,
      );
      const settled = (await start()).settle(signal);
      await vi.advanceTimersByTimeAsync(10_000);
      await settled;
      expect(events).toMatchObject([
        { source: 'kafka', state: 'incomplete', reason: 'reading fake took longer than 3000 ms' },
        { source: 'eventstore', state: 'complete' },
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('rejects when the signal aborts while snapshots are read', async () => {
    const stop = new AbortController();
    const settle = async () => stop.abort(new Error('the stack is gone'));
    const recorders = await starting(fake({ settles: 'snapshot', settle }).witness).start();
    await expect(recorders.settle(stop.signal)).rejects.toThrow('the stack is gone');
  });
});

it('closes every witness, the last one first', async () => {
  const closed: string[] = [];
  const named = (name: string) => fake({ close: async () => void closed.push(name) }).witness;
  const recorders = await starting(named('first'), named('second')).start();
  await recorders.close();
  expect(closed).toEqual(['second', 'first']);
});

it('has a witness for every source that a verdict lists', () => {
  const sources = new Set(WITNESSES.flatMap((witness) => witness.sources));
  expect(HISTORY_SOURCES.filter((source) => !sources.has(source))).toEqual([]);
  expect(new Set(WITNESSES.map(({ name }) => name)).size).toBe(WITNESSES.length);
});
