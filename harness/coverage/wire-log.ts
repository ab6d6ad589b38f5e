import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { runsFolder } from '../kernel/run-folder.ts';
import { type Item, KINDS, Ledger } from './item.ts';

/**
 * What providers answered while contracts were verified: spans have no bodies, so this is the only
 * source of the fields of gRPC answers. One file per provider, replaced by each `contracts verify`;
 * it has the names of fields, never their values.
 */
export const wireFolder = (): string => join(runsFolder(), 'contracts');

const SUFFIX = '.wire.jsonl';
const SCHEMA_VERSION = 1;

const Started = z.object({
  type: z.literal('wire-started'),
  schemaVersion: z.literal(SCHEMA_VERSION),
  provider: z.string(),
  atMs: z.number(),
});
const Crossed = z.object({
  type: z.literal('crossed'),
  kind: z.enum(KINDS),
  consumer: z.string(),
  provider: z.string(),
  protocol: z.string(),
  operation: z.string().exactOptional(),
  name: z.string().exactOptional(),
});
const Ended = z.object({ type: z.literal('wire-ended'), crossed: z.int().min(0) });
const Line = z.discriminatedUnion('type', [Started, Crossed, Ended]);

/** Writes down what one provider was seen to answer. Answers the file's path. */
export function writeWireLog(folder: string, provider: string, crossed: Ledger): string {
  const lines: Array<z.infer<typeof Line>> = [
    { type: 'wire-started', schemaVersion: SCHEMA_VERSION, provider, atMs: Date.now() },
    ...crossed.all.map((item) => ({ type: 'crossed', ...item }) as const),
    { type: 'wire-ended', crossed: crossed.all.length },
  ];
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${provider}${SUFFIX}`);
  writeFileSync(file, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  return file;
}

/** What verification saw, and of which providers. */
export interface WireLogs {
  readonly seen: Ledger;
  readonly providers: ReadonlySet<string>;
  readonly files: readonly string[];
  /** Files that are no wire log, or were cut: they count for nothing. */
  readonly problems: readonly string[];
}

/** Reads every wire log in a folder. One that does not exist has none. */
export function readWireLogs(folder: string): WireLogs {
  const seen = new Ledger();
  const providers = new Set<string>();
  const files: string[] = [];
  const problems: string[] = [];
  for (const name of namesIn(folder)) {
    const file = join(folder, name);
    const lines = linesOf(file);
    const [first] = lines ?? [];
    if (lines === undefined || first?.type !== 'wire-started') {
      problems.push(`${file} is no wire log, or was cut: run \`pnpm sagaproof contracts verify\``);
      continue;
    }
    files.push(file);
    providers.add(first.provider);
    for (const line of lines) if (line.type === 'crossed') seen.add(itemOf(line));
  }
  return { seen, providers, files, problems };
}

const itemOf = ({ type: _, ...item }: z.infer<typeof Crossed>): Item => item;

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(SUFFIX))
      .sort();
  } catch {
    return [];
  }
}

function linesOf(file: string): Array<z.infer<typeof Line>> | undefined {
  try {
    const texts = readFileSync(file, 'utf8')
      .split('\n')
      .filter((text) => text !== '');
    const lines = texts.map((text) => Line.parse(JSON.parse(text)));
    const last = lines.at(-1);
    return last?.type === 'wire-ended' && last.crossed === lines.length - 2 ? lines : undefined;
  } catch {
    return undefined;
  }
}
