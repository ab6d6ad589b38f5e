import { describe, expect, it } from 'vitest';
import { createDispatcher, type Dispatcher } from './strategies.ts';

class Consumer {
  readonly name: string;
  room: number;
  constructor(name: string, room: number) {
    this.name = name;
    this.room = room;
  }
  hasRoom(): boolean {
    return this.room > 0;
  }
}

const on = (stream: string, correlation = stream) => ({ stream, correlation });

function give(dispatcher: Dispatcher<Consumer>, message = on('s')): string {
  const choice = dispatcher.choose(message);
  if (typeof choice === 'string') return choice;
  choice.room -= 1;
  return choice.name;
}

function withTwo(strategy: Parameters<typeof createDispatcher>[0], room = 10) {
  const dispatcher = createDispatcher<Consumer>(strategy);
  const [a, b] = [new Consumer('a', room), new Consumer('b', room)];
  dispatcher.add(a);
  dispatcher.add(b);
  return { dispatcher, a, b };
}

describe('RoundRobin', () => {
  it('gives one message to each consumer in turn', () => {
    const { dispatcher } = withTwo('RoundRobin');
    expect([1, 2, 3, 4].map(() => give(dispatcher))).toEqual(['a', 'b', 'a', 'b']);
  });

  it('passes over a full consumer, and says when all are full', () => {
    const { dispatcher, a } = withTwo('RoundRobin', 2);
    a.room = 0;
    expect([1, 2, 3].map(() => give(dispatcher))).toEqual(['b', 'b', 'full']);
  });
});

describe('DispatchToSingle', () => {
  it('stays with one consumer until it is full, and returns to it', () => {
    const { dispatcher, a } = withTwo('DispatchToSingle', 2);
    expect([1, 2, 3].map(() => give(dispatcher))).toEqual(['a', 'a', 'b']);
    a.room = 1;
    expect(give(dispatcher)).toBe('a');
  });
});

describe('Pinned', () => {
  it('gives the events of one stream to one consumer, and both consumers get streams', () => {
    const { dispatcher } = withTwo('Pinned', 1_000);
    const owners = new Map<string, Set<string>>();
    for (let round = 0; round < 5; round++) {
      for (let n = 0; n < 40; n++) {
        const stream = `stream-${n}`;
        const set = owners.get(stream) ?? new Set();
        owners.set(stream, set.add(give(dispatcher, on(stream))));
      }
    }
    expect([...owners.values()].every(({ size }) => size === 1)).toBe(true);
    expect(new Set([...owners.values()].flatMap((set) => [...set]))).toEqual(new Set(['a', 'b']));
  });

  it('holds a message whose consumer is full, and lets those of other consumers pass', () => {
    const { dispatcher, a, b } = withTwo('Pinned');
    const owner = give(dispatcher, on('x')) === 'a' ? a : b;
    owner.room = 0;
    expect(dispatcher.choose(on('x'))).toBe('blocked');
    (owner === a ? b : a).room = 0;
    expect(dispatcher.choose(on('x'))).toBe('full');
  });

  it('moves the streams of a consumer that left', () => {
    const { dispatcher, a, b } = withTwo('Pinned');
    const owner = give(dispatcher, on('x')) === 'a' ? a : b;
    dispatcher.remove(owner);
    expect(give(dispatcher, on('x'))).toBe(owner === a ? 'b' : 'a');
  });

  it('gives a new consumer its share, but moves no stream with a message in flight', () => {
    const dispatcher = createDispatcher<Consumer>('Pinned');
    dispatcher.add(new Consumer('a', 10_000));
    const streams = Array.from({ length: 2_000 }, (_, n) => on(`stream-${n}`));
    for (const stream of streams) give(dispatcher, stream);
    dispatcher.add(new Consumer('b', 10_000));
    expect(new Set(streams.map((stream) => give(dispatcher, stream)))).toEqual(new Set(['a']));
    for (const stream of [...streams, ...streams]) dispatcher.release(stream);
    const after = streams.map((stream) => give(dispatcher, stream));
    expect(after.filter((name) => name === 'b').length).toBeGreaterThan(500);
  });

  it('goes by the correlation id when asked to', () => {
    const { dispatcher } = withTwo('PinnedByCorrelation', 1_000);
    const names = Array.from({ length: 20 }, (_, n) => give(dispatcher, on(`s-${n}`, 'saga')));
    expect(new Set(names).size).toBe(1);
  });
});
