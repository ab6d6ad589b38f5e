import { closeSync, readSync } from 'node:fs';
import { SagaproofError } from '../kernel/errors.ts';
import { openRegularFile } from '../kernel/regular-file.ts';
import type { HistoryEvent } from './event.ts';
import { eventProblem } from './event-check.ts';

/** The only layout of histories that this version reads. */
export const SCHEMA_VERSION = 1;

/** Large enough that reading is not what takes the time; small against the memory bound. */
const CHUNK_BYTES = 1 << 16;
/** No event comes near this: a longer line is no line of a history. */
const LINE_BYTES_MAX = 16 << 20;

const NEWLINE = 0x0a;

/**
 * - `unreadable`: there is no such file, or it cannot be opened
 * - `empty`: nothing in it
 * - `not-a-history`: a line is no event, or the first is not `run-started`
 * - `wrong-version`: written by another version
 * - `invalid-event`: an event lacks a field of its type, or its type is unknown
 * - `torn`: cut in the middle; what came before it is sound
 */
export type HistoryProblem =
  | 'unreadable'
  | 'empty'
  | 'not-a-history'
  | 'wrong-version'
  | 'invalid-event'
  | 'torn';

/** A history that cannot be read to its end: names the file, the line and the fix. */
export class HistoryError extends SagaproofError {
  readonly problem: HistoryProblem;
  /** From 1; 0 when it is about the file as a whole. */
  readonly line: number;

  constructor(
    problem: HistoryProblem,
    at: { readonly path: string; readonly line: number },
    text: { readonly what: string; readonly fix: string; readonly cause?: unknown },
  ) {
    const place = at.line === 0 ? at.path : `${at.path}:${at.line}`;
    super('history-invalid', `${place}: ${text.what}`, {
      file: place,
      fix: text.fix,
      cause: text.cause,
    });
    this.problem = problem;
    this.line = at.line;
  }
}

/**
 * Reads a history, event by event, in constant memory. Throws {@link HistoryError} where it cannot
 * go on; the events before that were whole.
 */
export function* readHistory(path: string): Generator<HistoryEvent, void, undefined> {
  for (const { event } of readHistoryLines(path)) yield event;
}

/** An event and the line of JSON that it was read from. */
export interface HistoryLine {
  readonly event: HistoryEvent;
  readonly text: string;
}

/** As {@link readHistory}, with the text of each event, which is quicker to search. */
export function* readHistoryLines(path: string): Generator<HistoryLine, void, undefined> {
  const file = open(path);
  try {
    yield* lines(file, path);
  } finally {
    closeSync(file);
  }
}

/** The events before the place where a history cannot be read on, without an error. */
export function* readAsFar(path: string): Generator<HistoryEvent, void, undefined> {
  try {
    yield* readHistory(path);
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
  }
}

function open(path: string): number {
  try {
    return openRegularFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message;
    throw new HistoryError(
      'unreadable',
      { path, line: 0 },
      {
        what: `this history cannot be opened: ${reason}`,
        fix: 'name a history.jsonl that exists, such as runs/latest/history.jsonl',
        cause,
      },
    );
  }
}

function* lines(file: number, path: string): Generator<HistoryLine, void, undefined> {
  let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let filled = 0;
  let line = 0;
  for (;;) {
    if (filled === buffer.length) buffer = grown(buffer, path, line + 1);
    const read = readSync(file, buffer, filled, buffer.length - filled, null);
    filled += read;
    const end = read === 0 ? filled : buffer.lastIndexOf(NEWLINE, filled - 1) + 1;
    if (end > 0) {
      const text = buffer.toString('utf8', 0, end);
      for (let from = 0; from < text.length; ) {
        const newline = text.indexOf('\n', from);
        const to = newline < 0 ? text.length : newline;
        const of = text.slice(from, to);
        yield { event: eventOf(of, ++line, path, newline < 0), text: of };
        from = to + 1;
      }
      buffer.copy(buffer, 0, end, filled);
      filled -= end;
    }
    if (read === 0) break;
  }
  if (line === 0) {
    throw new HistoryError(
      'empty',
      { path, line: 0 },
      {
        what: 'this history is empty',
        fix: 'the run ended before it began to record: run it again',
      },
    );
  }
}

function grown(buffer: Buffer, path: string, line: number): Buffer<ArrayBuffer> {
  if (buffer.length >= LINE_BYTES_MAX) {
    throw new HistoryError(
      'not-a-history',
      { path, line },
      {
        what: `this line is longer than ${LINE_BYTES_MAX >> 20} MiB`,
        fix: 'give a history.jsonl that `sagaproof verify` wrote',
      },
    );
  }
  const larger = Buffer.allocUnsafe(buffer.length * 2);
  buffer.copy(larger);
  return larger;
}

function eventOf(text: string, line: number, path: string, isCut: boolean): HistoryEvent {
  let event: HistoryEvent | undefined;
  try {
    event = JSON.parse(text) as HistoryEvent;
  } catch (cause) {
    throw isCut
      ? torn(path, line, 'it ends in the middle of this line', cause)
      : noEvent(path, line);
  }
  if (typeof event?.type !== 'string' || typeof event.index !== 'number') throw noEvent(path, line);
  if (line === 1) opensHistory(event, path);
  else if (event.index !== line - 1) {
    throw torn(path, line, `event ${event.index} is here, where ${line - 1} is due`);
  }
  const problem = eventProblem(event);
  if (problem !== undefined) throw invalidEvent(path, line, problem);
  return event;
}

function opensHistory(event: HistoryEvent, path: string): void {
  if (event.type !== 'run-started' || event.index !== 0) {
    if (event.index > 0) throw torn(path, 1, `it begins with event ${event.index}, not with 0`);
    throw noEvent(path, 1);
  }
  // The type knows one version only; a file may come from any.
  const version: number = event.schemaVersion;
  if (version === SCHEMA_VERSION) return;
  throw new HistoryError(
    'wrong-version',
    { path, line: 1 },
    {
      what: `this history has schema version ${version}; this version reads ${SCHEMA_VERSION}`,
      fix: 'check it with the version of sagaproof that recorded it, or record the run again',
    },
  );
}

const torn = (path: string, line: number, what: string, cause?: unknown): HistoryError =>
  new HistoryError(
    'torn',
    { path, line },
    {
      what: `this history is cut: ${what}`,
      fix: 'what comes before was read; for a verdict on the whole, run it again',
      cause,
    },
  );

const invalidEvent = (path: string, line: number, problem: string): HistoryError =>
  new HistoryError(
    'invalid-event',
    { path, line },
    {
      what: `this event ${problem}`,
      fix: 'docs/reference/history.schema.json has the fields of each event. Record the run again',
    },
  );

const noEvent = (path: string, line: number): HistoryError =>
  new HistoryError(
    'not-a-history',
    { path, line },
    {
      what: 'this line is no event of a history',
      fix: 'give a history.jsonl that `sagaproof verify` wrote',
    },
  );
