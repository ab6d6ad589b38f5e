import { once } from 'node:events';
import { createReadStream, createWriteStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { LOAD_SHARD } from './load-records.ts';
import { loadLines } from './read-load-shard.ts';
import { SHARD_FOLDER } from './shard.ts';

interface Head {
  readonly atMs: number;
  readonly line: string;
  readonly rest: AsyncIterator<string>;
}

/** What a merge made. */
export interface Merged {
  readonly events: number;
  /** Lines that were cut (a process was killed while it wrote): named, and not in the history. */
  readonly torn: readonly string[];
}

/**
 * Merges the shards of a run into one history, by time. Each shard is in order by itself, so one
 * line of each is in memory at a time; equal times keep the order of the shards' names.
 *
 * @param runFolder the run's folder, with its shards
 * @param target the history to write; an existing one is replaced
 */
export async function mergeShards(runFolder: string, target: string): Promise<Merged> {
  const folder = join(runFolder, SHARD_FOLDER);
  const torn: string[] = [];
  const heads: Head[] = [];
  for (const name of readdirSync(folder).sort()) {
    const head = await next(linesOf(join(folder, name)), name, torn);
    if (head !== undefined) heads.push(head);
  }
  const out = createWriteStream(target);
  let events = 0;
  while (heads.length > 0) {
    const at = earliest(heads);
    const head = heads[at] as Head;
    const text = `{"index":${events},${head.line.slice(1)}\n`;
    events += 1;
    if (!out.write(text)) await once(out, 'drain');
    const following = await next(head.rest, `shard ${at}`, torn);
    if (following === undefined) heads.splice(at, 1);
    else heads[at] = following;
  }
  out.end();
  await finished(out);
  return { events, torn };
}

const linesOf = (path: string): AsyncIterator<string> =>
  path.endsWith(LOAD_SHARD)
    ? loadLines(path)
    : createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })[
        Symbol.asyncIterator
      ]();

async function next(
  rest: AsyncIterator<string>,
  name: string,
  torn: string[],
): Promise<Head | undefined> {
  const step = await rest.next();
  if (step.done === true) return undefined;
  // Every line begins with its time: the recorder puts it first.
  const atMs = Number(/^\{"atMs":([0-9.]+),/.exec(step.value)?.[1]);
  if (!Number.isNaN(atMs) && step.value.endsWith('}')) return { atMs, line: step.value, rest };
  torn.push(`${name}: ${step.value.slice(0, 80)}`);
  return next(rest, name, torn);
}

function earliest(heads: readonly Head[]): number {
  let best = 0;
  for (let at = 1; at < heads.length; at++) {
    if ((heads[at] as Head).atMs < (heads[best] as Head).atMs) best = at;
  }
  return best;
}
