import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Unrecorded } from '../history/event.ts';
import { startLogs } from './logs.ts';

const SETTLE_MS = 1_000;
const events: Unrecorded[] = [];
let folder = '';
let file = '';
beforeEach(() => {
  events.length = 0;
  folder = mkdtempSync(join(tmpdir(), 'logs-'));
  file = join(folder, 'order-1.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const start = () =>
  startLogs(
    [{ instance: 'order-1', file }],
    { cards: new Set(['tok_ok_card-1']) },
    (event) => void events.push(event),
  );

it('records lines since its start that may show a secret', async () => {
  writeFileSync(file, 'charged tok_ok_card-1 in an earlier run\n');
  const recorder = start();
  appendFileSync(file, 'nothing\ncharged tok_ok_card-1\nto a@b.example\nin redis://u:p@host\n');
  await recorder.settle(SETTLE_MS);
  await recorder.close();
  expect(events).toEqual([
    { type: 'log', instance: 'order-1', text: 'charged tok_ok_card-1' },
    { type: 'log', instance: 'order-1', text: 'to a@b.example' },
    { type: 'log', instance: 'order-1', text: 'in redis://u:p@host' },
  ]);
  expect(recorder.events).toBe(3);
});

it('reads a log from its beginning when it was rotated', async () => {
  writeFileSync(file, 'x'.repeat(100));
  const recorder = start();
  writeFileSync(file, 'a@b.example\n');
  await recorder.settle(SETTLE_MS);
  expect(events).toHaveLength(1);
});

it('records few lines of a log that is full of them, and the part around the place', async () => {
  const recorder = start();
  writeFileSync(file, `${'.'.repeat(10_000)} a@b.example ${'.'.repeat(10_000)}\n`.repeat(100));
  await recorder.settle(SETTLE_MS);
  expect(events).toHaveLength(20);
  expect(events[0]).toMatchObject({ text: expect.stringContaining('a@b.example') });
  expect(JSON.stringify(events[0]).length).toBeLessThan(600);
});

it('has nothing to read of an instance that has no log here', async () => {
  const recorder = start();
  await recorder.settle(SETTLE_MS);
  expect(events).toEqual([]);
});
