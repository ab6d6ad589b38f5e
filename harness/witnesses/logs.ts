import { createReadStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RunEntities } from './run-entities.ts';
import type { RecordEvent, Recorder, Witness } from './witness.ts';

/** Lines of one instance that are recorded at most, and characters of one. */
const LINES_MAX = 20;
const CHARS_MAX = 400;
/** What of a line and of a log is searched at most. */
const LINE_CHARS_MAX = 20_000;
const LOG_BYTES_MAX = 64 * 1_048_576;

/** What looks like a token, a URL with a password, or an e-mail address. */
const SUSPECT =
  /eyJ[\w-]{10,2000}\.eyJ|:\/\/[^/\s:@"]{1,64}:[^@\s/"]{1,64}@|[\w.+-]@[\w-]{1,64}\.[\w-]/;
const WORDS = /[\w.-]{6,}/g;

/**
 * Records the lines of the services' logs since the run began that may show a secret: whether one
 * does is for an invariant to say.
 */
export const logs: Witness = {
  name: 'logs',
  sources: ['logs'],
  settles: 'snapshot',
  start: async ({ book, record, entities }) =>
    startLogs(
      Object.values(book.services).flatMap(({ instances }) =>
        instances.map(({ id }) => ({
          instance: id,
          file: join(book.runFolder, 'logs', `${id}.log`),
        })),
      ),
      entities,
      record,
    ),
};

interface LogFile {
  readonly instance: string;
  readonly file: string;
}

export function startLogs(
  files: readonly LogFile[],
  entities: Pick<RunEntities, 'cards'>,
  record: RecordEvent,
): Recorder {
  const began = new Map(files.map(({ file }) => [file, sizeOf(file)]));
  let events = 0;
  return {
    get events() {
      return events;
    },
    async settle() {
      for (const { instance, file } of files) {
        for (const text of await suspectLines(file, began.get(file) ?? 0, entities.cards)) {
          record({ type: 'log', instance, text });
          events++;
        }
      }
    },
    async close() {},
  };
}

/** The size of a log; none is written for an instance that does not run here. */
const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0);

async function suspectLines(
  file: string,
  beganAt: number,
  cards: ReadonlySet<string>,
): Promise<string[]> {
  const size = sizeOf(file);
  if (size === 0) return [];
  // A log that was rotated is shorter than it was.
  const start = size < beganAt ? 0 : beganAt;
  const input = createReadStream(file, { start, end: start + LOG_BYTES_MAX });
  const found: string[] = [];
  for await (const whole of createInterface({ input })) {
    const line = whole.slice(0, LINE_CHARS_MAX);
    const at = placeOfSuspect(line, cards);
    if (at === undefined) continue;
    found.push(line.slice(Math.max(0, at - CHARS_MAX / 2), at + CHARS_MAX / 2));
    if (found.length >= LINES_MAX) break;
  }
  input.destroy();
  return found;
}

function placeOfSuspect(line: string, cards: ReadonlySet<string>): number | undefined {
  const at = line.search(SUSPECT);
  if (at >= 0) return at;
  for (const { 0: word, index } of line.matchAll(WORDS)) if (cards.has(word)) return index;
  return undefined;
}
