/** Running builds, so that the next command can end those of a command that was killed. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ProcessJournal } from '../../kernel/journal.ts';
import { endMarked, endProcess, identify, isRunning } from '../../kernel/process-identity.ts';

const Identity = z.object({ pid: z.number(), startTime: z.string(), bootId: z.string() });
/** Without `build` its command was killed while it started it. */
const UnderWay = z.object({ owner: Identity, build: Identity.optional(), marker: z.string() });
const FILE = /^build-under-way-.*\.json$/;

/** Forgets the build when it is disposed of: then it has ended. */
export interface BuildJournal extends ProcessJournal, Disposable {
  /** In the environment of the build, and so of all that it starts. */
  readonly env: Readonly<Record<string, string>>;
}

/** @param folder where builds of every command are remembered */
export function openBuildJournal(folder: string): BuildJournal {
  const id = randomUUID();
  const file = join(folder, `build-under-way-${id}.json`);
  const about = { owner: identify(process.pid), marker: `SAGAPROOF_BUILD_ID=${id}` };
  // Before it starts: a command that is killed in between leaves a file for the next one.
  writeFileSync(file, JSON.stringify(about));
  return {
    env: { SAGAPROOF_BUILD_ID: id },
    append({ event, identity }) {
      if (event === 'started') writeFileSync(file, JSON.stringify({ ...about, build: identity }));
    },
    [Symbol.dispose]: () => rmSync(file, { force: true }),
  };
}

/** Ends builds whose command is gone: the kernel has ended compilers, not what those started. */
export async function sweepBuilds(folder: string): Promise<void> {
  for (const name of readdirSync(folder).filter((name) => FILE.test(name))) {
    const file = join(folder, name);
    const record = readRecord(file);
    if (record !== undefined && isRunning(record.owner)) continue;
    if (record?.build !== undefined) await endProcess(record.build);
    if (record !== undefined) await endMarked(record.marker);
    rmSync(file, { force: true });
  }
}

/** Undefined for what was cut off in the middle, or has just been removed by its own command. */
function readRecord(file: string): z.infer<typeof UnderWay> | undefined {
  try {
    return UnderWay.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
