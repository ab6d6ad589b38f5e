import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import avsc from 'avsc';
import { parse } from 'yaml';
import { readTopicTable } from '#contracts/spec/topics.ts';

/**
 * Reads every schema and document that services and testbed work with, before anything is booted:
 * else the first server that meets a wrong one says so, in the midst of its log.
 *
 * @param root Folder of the repository
 * @throws an error that names each file that cannot be read, and where in it
 */
export function parseAll(root: string): void {
  const avro = readdirSync(join(root, 'avro'))
    .filter((file) => file.endsWith('.avsc'))
    .map((file) => [join(root, 'avro', file), parseAvro] as const);
  const files = [
    [join(root, 'contracts', 'spec', 'topics.yaml'), readTopicTable],
    ...['openapi', 'asyncapi'].map(
      (name) => [join(root, 'contracts', 'spec', `${name}.yaml`), parseYaml] as const,
    ),
    ...avro,
  ] as const;
  const faults = files.flatMap(([file, read]) => {
    try {
      read(file);
      return [];
    } catch (error) {
      const name = relative(root, file);
      const why = (error as Error).message.replaceAll(file, name);
      return [why.startsWith(name) ? why : `${name}: ${why}`];
    }
  });
  if (faults.length === 0) return;
  const [what, it] = faults.length === 1 ? ['a contract', 'it'] : ['contracts', 'them'];
  throw new Error(
    `${what} cannot be read; correct ${it}, or bring ${it} back with git restore:\n${faults.join('\n')}`,
  );
}

function parseAvro(file: string): void {
  // Logical types may be ours; only the structure is looked at.
  avsc.Type.forSchema(JSON.parse(readFileSync(file, 'utf8')) as avsc.Schema);
}

function parseYaml(file: string): void {
  const document: unknown = parse(readFileSync(file, 'utf8'));
  if (typeof document !== 'object' || document === null) throw new Error('it is no document');
}
