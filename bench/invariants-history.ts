import { closeSync, openSync, writeSync } from 'node:fs';
import { Story } from '#harness/checker/testing/story.ts';
import type { Outcome } from '#harness/checker/testing/story-types.ts';
import { uuidOf } from '#harness/checker/testing/write-fixtures.ts';
import type { TimedEvent } from '#harness/history/shard-tail.ts';

/** Orders that are under way at the same time: their events come interleaved. */
const CONCURRENT_ORDERS = 32;

/** One in so many orders is cancelled, and one in so many is refused, in turn for each reason. */
const CANCELLED_EVERY = 6;
const REFUSED_EVERY = 4;
const REFUSALS: readonly Outcome[] = ['out-of-stock', 'card-declined', 'address-undeliverable'];

/**
 * Writes a history in which every promise is kept, with orders of every outcome, under way side by
 * side, and ids that are as long and as random as real ones.
 *
 * @param events how many it has at least
 * @param seed decides how the orders interleave
 * @returns how many it has
 */
export function writeHistory(file: string, events: number, seed: number): number {
  const story = new Story(uuidOf).begin();
  const random = randomFrom(seed);
  const out = openSync(file, 'w');
  let index = 0;
  let atMs = 0;
  const write = (batch: readonly TimedEvent[]) => {
    const lines = batch.map((event) => {
      atMs = Math.max(atMs + 0.25, atMs);
      if (index === 0) atMs = event.atMs;
      return `${JSON.stringify({ index: index++, ...event, atMs, ...recordedAt(event, atMs) })}\n`;
    });
    writeSync(out, lines.join(''));
  };
  write(story.to.take());
  // The end state of each order, in addition to its events.
  for (let order = 0; index + order * END_EVENTS < events; ) {
    const batch: TimedEvent[][] = [];
    for (let one = 0; one < CONCURRENT_ORDERS; one++, order++) {
      const placed = story.place(`o${order}`, outcomeOf(order));
      if (placed.status === 'APPROVED' && order % CANCELLED_EVERY === 0) story.cancel(placed);
      batch.push(story.to.take());
    }
    write(interleaved(batch, random));
  }
  story.end();
  write(story.to.take());
  closeSync(out);
  return index;
}

/** Outbox rows, a notification, a job and six more states. */
const END_EVENTS = 14;

const outcomeOf = (order: number): Outcome =>
  order % REFUSED_EVERY === 1 ? (REFUSALS[order % REFUSALS.length] ?? 'approved') : 'approved';

const recordedAt = (event: TimedEvent, atMs: number) =>
  event.type === 'kafka' ? { timestampMs: Math.floor(atMs) } : {};

/** All events of the orders, each order's in its own order. */
function interleaved(orders: readonly TimedEvent[][], random: () => number): TimedEvent[] {
  const left = orders.map((events) => ({ events, next: 0 }));
  const merged: TimedEvent[] = [];
  while (left.length > 0) {
    const place = Math.floor(random() * left.length);
    const order = left[place];
    const event = order?.events[order.next];
    if (order === undefined || event === undefined) left.splice(place, 1);
    else {
      merged.push(event);
      order.next++;
    }
  }
  return merged;
}

/** Mulberry32: small, seeded, and good enough to interleave by. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
