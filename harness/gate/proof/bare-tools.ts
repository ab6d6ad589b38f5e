import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { avscReads } from '../avro/oracle.ts';
import { bufBreaking } from '../protobuf/buf.ts';
import type { CaseTrees } from './case-trees.ts';
import type { CorpusCase, CorpusFormat, Label } from './corpus.ts';

/** Set to a built `oasdiff` to have the plain OpenAPI differ beside the gate. */
const OASDIFF_VARIABLE = 'OASDIFF';
const TIMEOUT_MS = 30_000;

/** What teams use for a format without the gate; none for some. */
export const BARE_TOOLS: Readonly<Record<CorpusFormat, string | undefined>> = {
  avro: 'a BACKWARD check, as a registry does it',
  protobuf: 'buf breaking, as it comes (FILE)',
  openapi: 'oasdiff breaking',
  asyncapi: undefined,
  topics: undefined,
};

/** The verdict of a bare tool; undefined when there is none, or it is not installed. */
export async function bareVerdict(
  change: CorpusCase,
  { comparison }: CaseTrees,
): Promise<Label | undefined> {
  const { base, head } = comparison;
  switch (change.format) {
    case 'avro':
      return label(registryRefuses(change.before, change.after));
    case 'protobuf': {
      const [after, before] = [head, base.tree].map(({ root }) => join(root, 'proto'));
      return label((await bufBreaking(after ?? '', before ?? '', ['FILE'])).length > 0);
    }
    case 'openapi':
      return oasdiff(change.before, change.after, head.root);
    default:
      return undefined;
  }
}

const label = (breaks: boolean): Label => (breaks ? 'breaking' : 'safe');

/** A registry with its default mode: the new schema reads data of the one before it. */
function registryRefuses(before: object, after: object): boolean {
  const [old, now] = [before, after].map((schema) => JSON.stringify(schema));
  try {
    return !avscReads(now ?? '', old ?? '');
  } catch {
    // It takes no schema that it cannot parse.
    return true;
  }
}

async function oasdiff(before: object, after: object, folder: string): Promise<Label | undefined> {
  const command = process.env[OASDIFF_VARIABLE];
  if (command === undefined) return undefined;
  const files = [before, after].map((document, index) => {
    const file = join(folder, `${index}.json`);
    const heading = { openapi: '3.1.0', info: { title: 'case', version: '1' } };
    const { info, ...rest } = document as { info?: object };
    writeFileSync(
      file,
      JSON.stringify({ ...heading, ...rest, info: { ...heading.info, ...info } }),
    );
    return file;
  });
  const args = ['breaking', ...files, '--fail-on', 'ERR'];
  const done = await execa(command, args, { reject: false, timeout: TIMEOUT_MS });
  if (done.exitCode === 0) return 'safe';
  if (done.exitCode === 1) return 'breaking';
  throw new Error(`${command} failed: ${String(done.stderr)}`);
}
