import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { HistoryError, readHistory } from './read-history.ts';

const folder = mkdtempSync(join(tmpdir(), 'history-'));
afterAll(() => rmSync(folder, { recursive: true }));

const OPENING = `${JSON.stringify({
  index: 0,
  atMs: 1,
  type: 'run-started',
  schemaVersion: 1,
  run: 'run-1',
  seed: '1',
  commit: '0000000',
  subjects: [],
  bounds: { terminalWithinMs: 1_000 },
})}\n`;
const next = (index: number, more = '') =>
  `{"index":${index},"atMs":${index},"type":"scenario-started","scenario":"s${more}"}\n`;

function read(text: string): { events: number; error: HistoryError | undefined } {
  const path = join(folder, 'history.jsonl');
  writeFileSync(path, text);
  let events = 0;
  try {
    for (const event of readHistory(path)) {
      expect(event.index).toBe(events);
      events++;
    }
    return { events, error: undefined };
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    return { events, error };
  }
}

describe('reading a history', () => {
  it('gives every event in order', () => {
    expect(read(OPENING + next(1) + next(2))).toEqual({ events: 3, error: undefined });
  });

  it('reads more than a chunk, with letters of several bytes on its edge', () => {
    const many = Array.from({ length: 30_000 }, (_, at) => next(at + 1, '注文が承認されました'));
    expect(read(OPENING + many.join(''))).toEqual({ events: 30_001, error: undefined });
  });

  it('reads a line that is longer than a chunk', () => {
    expect(read(OPENING + next(1, 'x'.repeat(3 << 20)) + next(2)).events).toBe(3);
  });

  it('stops where the last line is cut, and says so', () => {
    const { events, error } = read(OPENING + next(1) + next(2).slice(0, 30));
    expect(events).toBe(2);
    expect(error).toMatchObject({ problem: 'torn', line: 3 });
    expect(error?.message).toContain('history.jsonl:3: this history is cut');
  });

  it('stops where events are missing, and says so', () => {
    const { events, error } = read(OPENING + next(1) + next(3));
    expect(events).toBe(2);
    expect(error).toMatchObject({ problem: 'torn', line: 3 });
    expect(error?.message).toContain('event 3 is here, where 2 is due');
  });

  it('knows a history whose beginning is missing', () => {
    expect(read(next(7) + next(8)).error).toMatchObject({ problem: 'torn', line: 1 });
  });

  it.each([
    ['no JSON', 'hello\n', 'not-a-history'],
    ['no object', '3\n', 'not-a-history'],
    ['no event', '{"a":1}\n', 'not-a-history'],
    ['another first event', '{"index":0,"atMs":1,"type":"ok"}\n', 'not-a-history'],
    ['another version', OPENING.replace('"schemaVersion":1', '"schemaVersion":2'), 'wrong-version'],
    ['nothing', '', 'empty'],
  ])('refuses a file with %s', (_, text, problem) => {
    expect(read(text)).toMatchObject({ events: 0, error: { problem } });
  });

  it('names the line in the middle that is no JSON', () => {
    expect(read(`${OPENING}nonsense\n${next(2)}`).error).toMatchObject({
      problem: 'not-a-history',
      line: 2,
    });
  });

  it('names the line and the field of an event that lacks a required field', () => {
    const { events, error } = read(`${OPENING}{"index":1,"atMs":1,"type":"scenario-started"}\n`);
    expect(events).toBe(1);
    expect(error).toMatchObject({ problem: 'invalid-event', line: 2 });
    expect(error?.message).toContain(
      `history.jsonl:2: this event of type "scenario-started": must have required property 'scenario'`,
    );
  });

  it('names the field that has another type', () => {
    const bounds = OPENING.replace('1000', '"soon"');
    expect(read(bounds).error?.message).toContain(
      'this event of type "run-started": bounds/terminalWithinMs must be number',
    );
  });

  it('refuses an event of an unknown type', () => {
    const { error } = read(`${OPENING}{"index":1,"atMs":1,"type":"kafak"}\n`);
    expect(error).toMatchObject({ problem: 'invalid-event', line: 2 });
    expect(error?.message).toContain('this event has the unknown type "kafak"');
  });

  it('says why a device is not read', () => {
    const message = '/dev/zero: this history cannot be opened: it is a device, not a regular file';
    expect(() => [...readHistory('/dev/zero')]).toThrow(message);
  });

  it('names the file that does not exist', () => {
    const path = join(folder, 'nowhere.jsonl');
    expect(() => [...readHistory(path)]).toThrow(`${path}: this history cannot be opened`);
  });
});
