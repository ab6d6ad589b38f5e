import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { directionsOf, isTransitive } from '../../harness/gate/avro/compatibility.ts';
import { avscReads } from '../../harness/gate/avro/oracle.ts';
import { bufBreaking } from '../../harness/gate/protobuf/buf.ts';
import type { CaseTrees } from './case-trees.ts';
import type { AvroCase, CorpusCase, CorpusFormat, Label } from './corpus.ts';
import { brokenPact, nameAndVersion } from './pact-cases.ts';

/** Path of the oasdiff binary. */
export const OASDIFF_VARIABLE = 'OASDIFF';
const TIMEOUT_MS = 30_000;

/** What teams use for a format without the gate. */
export interface BareTool {
  readonly name: string;
  readonly format: CorpusFormat;
  /** Whether it reports the change as breaking; undefined when it is not installed. */
  breaks(change: CorpusCase, trees: CaseTrees): Promise<boolean | undefined>;
}

const registry = (name: string, refuses: (change: AvroCase) => boolean): BareTool => ({
  name,
  format: 'avro',
  breaks: async (change) => change.format === 'avro' && refuses(change),
});

const buf = (name: string, rule: string): BareTool => ({
  name,
  format: 'protobuf',
  async breaks(_, { comparison: { base, head } }) {
    const [after, before] = [head, base.tree].map(({ root }) => join(root, 'proto'));
    return (await bufBreaking(after ?? '', before ?? '', [rule])).length > 0;
  },
});

const oasdiff = (level: 'ERR' | 'WARN'): BareTool => ({
  name: `oasdiff breaking, from ${level}`,
  format: 'openapi',
  async breaks(change, { comparison }) {
    const command = process.env[OASDIFF_VARIABLE];
    if (command === undefined || change.format !== 'openapi') return undefined;
    const files = [change.before, change.after].map((document, index) => {
      const file = join(comparison.head.root, `${index}.json`);
      const info = { title: 'case', version: '1', ...(document['info'] as object | undefined) };
      writeFileSync(file, JSON.stringify({ openapi: '3.1.0', ...document, info }));
      return file;
    });
    const args = ['breaking', ...files, '--fail-on', level];
    const done = await execa(command, args, { reject: false, timeout: TIMEOUT_MS });
    if (done.exitCode === 0 || done.exitCode === 1) return done.exitCode === 1;
    throw new Error(`${command} failed: ${String(done.stderr)}`);
  },
});

/** Without a record of deployments, teams verify the current pacts against the current code. */
const verifier: BareTool = {
  name: "Pact's verifier, with the repository's pacts",
  format: 'pact',
  async breaks(change) {
    if (change.format !== 'pact') return undefined;
    const { provider, providers, runs, comes, holds } = change;
    const [coming] = nameAndVersion(comes);
    const isProvider = coming === provider;
    const asking = runs.filter((one) => nameAndVersion(one)[0] !== provider);
    const consumers = isProvider ? (holds === undefined ? asking : [holds]) : [comes];
    const newest = isProvider ? comes : (Object.keys(providers).at(-1) ?? '');
    for (const consumer of consumers) {
      if ((await brokenPact(change, consumer, newest)) !== undefined) return true;
    }
    return false;
  },
};

export const BARE_TOOLS: readonly BareTool[] = [
  registry(
    'registry with default settings (BACKWARD)',
    ({ before, after }) => !reads(after, before),
  ),
  registry("registry with the subject's mode", refusesInMode),
  buf('buf breaking with default settings (FILE)', 'FILE'),
  buf('buf breaking with WIRE_JSON', 'WIRE_JSON'),
  oasdiff('ERR'),
  oasdiff('WARN'),
  verifier,
];

/** The verdicts of every bare tool for the change's format, by name. */
export async function bareVerdicts(
  change: CorpusCase,
  trees: CaseTrees,
): Promise<ReadonlyMap<string, Label>> {
  const verdicts = new Map<string, Label>();
  for (const tool of BARE_TOOLS.filter(({ format }) => format === change.format)) {
    const breaks = await tool.breaks(change, trees);
    if (breaks !== undefined) verdicts.set(tool.name, breaks ? 'breaking' : 'safe');
  }
  return verdicts;
}

/** A registry only resolves schemas, so avsc's resolver replaces it here. */
function reads(reader: object, writer: object): boolean {
  try {
    return avscReads(JSON.stringify(reader), JSON.stringify(writer));
  } catch {
    // It refuses a schema that it cannot parse.
    return false;
  }
}

function refusesInMode({ mode, before, after, earlier }: AvroCase): boolean {
  const kept = isTransitive(mode) ? [before, ...earlier] : [before];
  return directionsOf(mode).some((direction) =>
    kept.some((old) => (direction === 'backward' ? !reads(after, old) : !reads(old, after))),
  );
}
