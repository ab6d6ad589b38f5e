import { describe, expect, it } from 'vitest';
import { sideBySide } from './kafka-keys.ts';
import type { Received } from './kafka-processor.ts';

type Message = Received<'shipping.commands'>;
const message = (key: string, offset: number) =>
  ({ key, offset: BigInt(offset), traceparent: '' }) as Message;

describe('records of a partition side by side', () => {
  it('are handled in order by key, and no more than eight keys at once', async () => {
    const seen = new Map<string, bigint[]>();
    let running = 0;
    let most = 0;
    const { handleAll } = sideBySide<Message>(async ({ key, offset }) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      seen.set(key, [...(seen.get(key) ?? []), offset]);
      running -= 1;
    });
    const messages = Array.from({ length: 60 }, (_, index) => message(`k${index % 20}`, index));
    await handleAll(messages);
    expect(most).toBe(8);
    expect(seen.size).toBe(20);
    for (const offsets of seen.values()) {
      expect(offsets).toHaveLength(3);
      expect(offsets).toEqual(offsets.toSorted((a, b) => Number(a - b)));
    }
  });

  it('fail with the first failure, when what is under way has ended', async () => {
    const ended: string[] = [];
    const { handleAll } = sideBySide<Message>(async ({ key }) => {
      if (key === 'bad') throw new Error('not this one');
      await new Promise((resolve) => setImmediate(resolve));
      ended.push(key);
    });
    const messages = ['a', 'bad', 'b', 'c'].map((key, index) => message(key, index));
    await expect(handleAll(messages)).rejects.toThrow('not this one');
    expect(ended.toSorted()).toEqual(['a', 'b', 'c']);
  });
});
