import { describe, expect, it } from 'vitest';
import type { WireOperation } from './cell.ts';
import { FakeWire } from './fake-wire.testkit.ts';
import { armTrigger, isKnown, NotLanded } from './wire-trigger.ts';

const fetch: WireOperation = {
  ...{ link: 'query→kafka', operations: ['kafka.fetch'], point: 'answer' },
  ...{ markers: ['orderId'], texts: ['OrderApproved'] },
};
const store: WireOperation = {
  ...{ link: 'query→mongodb', operations: ['mongodb.update', 'mongodb.insert'], point: 'request' },
  ...{ markers: ['orderId'], texts: [], after: fetch },
};
const VALUES = { orderId: 'o-1' };
const HOLD = { kind: 'hold' } as const;

const fetched = { link: 'query→kafka', name: 'kafka.fetch', point: 'answer' } as const;
const stored = { link: 'query→mongodb', point: 'request', content: 'o-1' } as const;

describe('a trigger', () => {
  it('is the first of several operations that comes after the one before it', async () => {
    const wire = new FakeWire(['kafka.fetch', 'mongodb.update', 'mongodb.insert']);
    await using trigger = await armTrigger(wire, store, VALUES, HOLD);
    const hit = trigger.hit(new AbortController().signal);
    wire.pass({ ...stored, name: 'mongodb.update' });
    wire.pass({ ...fetched, content: 'o-2 OrderApproved' });
    wire.pass({ ...stored, name: 'mongodb.insert' });
    wire.pass({ ...fetched, content: 'o-1 OrderApproved' });
    wire.pass({ ...stored, name: 'mongodb.insert' });
    expect(await hit).toMatchObject({ operation: 'mongodb.insert', link: 'query→mongodb' });
    expect(wire.armed.map(({ lifted }) => lifted)).toEqual([true, true, false]);
    await trigger.release(await hit, 'cut');
    expect(wire.armed.flatMap(({ released }) => released)).toEqual(['cut']);
  });

  it('lifts all of its rules when it is disposed', async () => {
    const wire = new FakeWire(['kafka.fetch', 'mongodb.update', 'mongodb.insert']);
    {
      await using _ = await armTrigger(wire, store, VALUES, HOLD);
    }
    expect(wire.armed).toHaveLength(3);
    expect(wire.armed.every(({ lifted }) => lifted)).toBe(true);
  });

  it('has not landed when no operation comes, and says which was seen last', async () => {
    const wire = new FakeWire(['kafka.fetch', 'mongodb.update']);
    await using trigger = await armTrigger(wire, store, VALUES, HOLD);
    await expect(trigger.hit(AbortSignal.timeout(20))).rejects.toThrow(
      /^no mongodb.update or mongodb.insert on query→mongodb with orderId came, nor did kafka.f/,
    );
    wire.pass({ ...fetched, content: 'o-1 OrderApproved' });
    await expect(trigger.hit(AbortSignal.timeout(20))).rejects.toThrow(
      /although what comes before it did/,
    );
  });

  it('has not landed when the proxy knows none of the operations', async () => {
    const wire = new FakeWire(['kafka.fetch']);
    await expect(armTrigger(wire, store, VALUES, HOLD)).rejects.toThrow(NotLanded);
    expect(wire.armed.every(({ lifted }) => lifted)).toBe(true);
  });

  it('is known when it and what comes before it are', () => {
    expect(isKnown(store, VALUES)).toBe(true);
    expect(isKnown({ ...store, after: { ...fetch, markers: ['jobId'] } }, VALUES)).toBe(false);
  });
});
