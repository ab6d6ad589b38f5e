import { closeSync, fstatSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { openRegularFile } from '../kernel/regular-file.ts';

const CHUNK_BYTES = 64 * 1024;
const FOLLOW_INTERVAL_MS = 200;
const NEWLINE = 10;

export interface FollowOptions {
  readonly lines: number;
  readonly follow: boolean;
  readonly out: { write(chunk: Buffer): unknown };
  readonly signal: AbortSignal;
}

/** Writes the last lines of a file, then follows it until the signal aborts. */
export async function followLog(file: string, options: FollowOptions): Promise<void> {
  const descriptor = openRegularFile(file);
  try {
    let position = startOfLastLines(descriptor, options.lines);
    const buffer = Buffer.alloc(CHUNK_BYTES);
    for (;;) {
      const read = readSync(descriptor, buffer, 0, CHUNK_BYTES, position);
      position += read;
      if (read > 0) options.out.write(Buffer.from(buffer.subarray(0, read)));
      else if (!options.follow || options.signal.aborted) return;
      else await delay(FOLLOW_INTERVAL_MS, undefined, options).catch(() => undefined);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Reads backwards, so that the cost depends on the lines shown and not on the file size. */
function startOfLastLines(descriptor: number, lines: number): number {
  let end = fstatSync(descriptor).size;
  // The newline at the end of the file does not start another line.
  let missing = lines + 1;
  const buffer = Buffer.alloc(CHUNK_BYTES);
  while (end > 0) {
    const length = Math.min(CHUNK_BYTES, end);
    readSync(descriptor, buffer, 0, length, end - length);
    for (let index = length - 1; index >= 0; index -= 1) {
      if (buffer[index] !== NEWLINE) continue;
      missing -= 1;
      if (missing === 0) return end - length + index + 1;
    }
    end -= length;
  }
  return 0;
}
