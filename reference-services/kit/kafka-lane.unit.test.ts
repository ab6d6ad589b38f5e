import { describe, expect, it } from 'vitest';
import { Lane, type LaneWork, type RawMessage } from './kafka-lane.ts';

const at = (offset: number): RawMessage => ({ offset: BigInt(offset) }) as RawMessage;
const numbers = (messages: readonly RawMessage[]) => messages.map(({ offset }) => Number(offset));

/** A lane whose handler is the test's, with what it committed and let go. */
function laneOf(
  handle: (offset: number) => Promise<void>,
  handleAll?: (offsets: number[]) => Promise<void>,
) {
  const committed: RawMessage[] = [];
  const left = { count: 0, retries: 0 };
  const work: LaneWork = {
    handle: ({ offset }) => handle(Number(offset)),
    ...(handleAll === undefined ? {} : { handleAll: (messages) => handleAll(numbers(messages)) }),
    commit: (message) => void committed.push(message),
    onRetry: () => {
      left.retries += 1;
    },
    onLeave: () => {
      left.count += 1;
    },
  };
  return { lane: new Lane(work), committed, left };
}

describe('a lane', () => {
  it('handles one message at a time, in order, and commits each after it was handled', async () => {
    const log: string[] = [];
    const { lane, committed } = laneOf(async (offset) => {
      log.push(`start ${offset}`);
      await Promise.resolve();
      expect(numbers(committed)).not.toContain(offset);
      log.push(`end ${offset}`);
    });
    for (const offset of [1, 2, 3]) lane.push(at(offset));
    await expect.poll(() => numbers(committed)).toEqual([1, 2, 3]);
    expect(log).toEqual(['start 1', 'end 1', 'start 2', 'end 2', 'start 3', 'end 3']);
  });

  it('does not take again what it has had', async () => {
    const { lane, committed } = laneOf(async () => undefined);
    expect([1, 2, 1, 2, 3].map((offset) => lane.push(at(offset)))).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
    await expect.poll(() => numbers(committed)).toEqual([1, 2, 3]);
  });

  it('waits at a message that fails, whatever it throws, and says for how long', async () => {
    let mayPass = false;
    const { lane, committed, left } = laneOf(async (offset) => {
      if (offset === 1 && !mayPass) throw new TypeError('a mistake of ours is no reason to skip');
    });
    lane.push(at(1));
    lane.push(at(2));
    await expect.poll(() => left.retries).toBeGreaterThan(1);
    expect(numbers(committed)).toEqual([]);
    expect(lane.failingForMs(performance.now())).toBeGreaterThan(0);
    mayPass = true;
    await expect.poll(() => numbers(committed)).toEqual([1, 2]);
    await expect.poll(() => lane.failingForMs(performance.now())).toBeUndefined();
  });

  it('handles what waits together, and commits the last of it', async () => {
    const taken: number[][] = [];
    const { lane, committed, left } = laneOf(
      async () => expect.fail('handled alone'),
      async (offsets) => void taken.push(offsets),
    );
    for (const offset of [1, 2, 3]) lane.push(at(offset));
    await expect.poll(() => left.count).toBe(3);
    expect(taken).toEqual([[1, 2, 3]]);
    expect(numbers(committed)).toEqual([3]);
  });

  it('handles each alone when they failed together, and then together again', async () => {
    const alone: number[] = [];
    const together: number[][] = [];
    const { lane, committed, left } = laneOf(
      async (offset) => void alone.push(offset),
      async (offsets) => {
        together.push(offsets);
        if (offsets.includes(2)) throw new Error('one of them');
      },
    );
    for (const offset of [1, 2, 3]) lane.push(at(offset));
    await expect.poll(() => left.count).toBe(3);
    for (const offset of [4, 5]) lane.push(at(offset));
    await expect.poll(() => left.count).toBe(5);
    expect(alone).toEqual([1, 2, 3]);
    expect(together).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    expect(numbers(committed)).toEqual([1, 2, 3, 5]);
  });

  it('lets the message under way finish when it is closed, and drops the rest', async () => {
    const started = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const { lane, committed, left } = laneOf(async () => {
      started.resolve();
      await mayEnd.promise;
    });
    for (const offset of [1, 2, 3]) lane.push(at(offset));
    await started.promise;
    const closed = lane.close();
    mayEnd.resolve();
    await closed;
    expect(numbers(committed)).toEqual([1]);
    expect(left.count).toBe(3);
    expect(lane.push(at(4))).toBe(false);
  });

  it('does not commit a message that still failed when it was closed', async () => {
    const { lane, committed, left } = laneOf(async () => {
      throw new Error('not yet');
    });
    lane.push(at(1));
    await expect.poll(() => left.retries).toBeGreaterThan(0);
    await lane.close();
    expect(committed).toEqual([]);
  });
});
