import { describe, expect, test } from 'vitest';
import { eventsOf, orderIdOf, PLACED, STEP_COMPLETED } from './domain.testkit.ts';
import type { OrderEvent } from './domain.ts';
import type { EventLog } from './ports.ts';

/** A log and its only writer. */
export interface LogUnderTest {
  readonly log: EventLog;
  append(events: readonly OrderEvent[]): Promise<void>;
}

const never = new AbortController().signal;

/** What every event log keeps, whatever it is made of. */
export function eventLogContract(name: string, start: () => Promise<LogUnderTest>): void {
  describe(`the event log in ${name}`, () => {
    test('is read from its begin to the given ends, in the order of each order', async () => {
      const { log, append } = await start();
      const lives = [1, 2, 3].map((n) =>
        eventsOf([PLACED, STEP_COMPLETED, STEP_COMPLETED], { orderId: orderIdOf(n) }),
      );
      await append([0, 1].flatMap((step) => lives.flatMap((life) => life[step] ?? [])));
      const seen: OrderEvent[] = [];
      const take = async (batch: readonly OrderEvent[]) => void seen.push(...batch);
      await using reader = await log.open();
      expect(await reader.readTo(await log.ends(), take, never)).toBeGreaterThanOrEqual(6);
      const before = seen.length;
      expect(await reader.readTo(await log.ends(), take, never)).toBe(0);

      await append(lives.flatMap((life) => life[2] ?? []));
      expect(await reader.readTo(await log.ends(), take, never)).toBe(3);
      expect(seen).toHaveLength(before + 3);
      for (const n of [1, 2, 3]) {
        const own = seen.filter(({ orderId }) => orderId === orderIdOf(n));
        expect(own.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
      }
    });

    test('gives a second reader everything again', async () => {
      const { log } = await start();
      const counts: number[] = [];
      for (let reader = 0; reader < 2; reader += 1) {
        await using one = await log.open();
        counts.push(await one.readTo(await log.ends(), async () => undefined, never));
      }
      expect(counts[0]).toBeGreaterThan(0);
      expect(counts[1]).toBe(counts[0]);
    });

    test('stops reading when a batch cannot be taken', async () => {
      const { log } = await start();
      await using reader = await log.open();
      const refuse = async () => {
        throw new Error('the database is gone');
      };
      const reading = reader.readTo(await log.ends(), refuse, never);
      await expect(reading).rejects.toThrow('the database is gone');
    });
  });
}
