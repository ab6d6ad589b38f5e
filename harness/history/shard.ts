import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type { Unrecorded } from './event.ts';

/**
 * The part of a history that one process of scenarios saw. Scenarios run in several processes at
 * once; each writes a shard, line by line, and the run merges the shards by time when it ends.
 * A line is written before the scenario goes on: what a killed process had seen is kept.
 */
export interface Shard {
  /** What comes after the end of the run, such as a socket that closes, is not recorded. */
  readonly record: (event: Unrecorded) => void;
  readonly close: () => void;
}

export const SHARD_FOLDER = 'shards';

/** Milliseconds since the epoch with a monotone source: within a process it never goes back. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

/** Opens a new shard in a run's folder. */
export function openShard(runFolder: string): Shard {
  const folder = join(runFolder, SHARD_FOLDER);
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, `${process.pid}-${uuidv7()}.jsonl`), 'a');
  let isOpen = true;
  return {
    record: (event) => {
      // The number of a closed file is soon that of another file, or of a connection.
      if (isOpen) writeSync(file, `${JSON.stringify({ atMs: nowMs(), ...event })}\n`);
    },
    close: () => {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
}
