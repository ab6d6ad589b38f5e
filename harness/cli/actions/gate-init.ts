import type { Command } from 'commander';
import { initGate } from '../../gate/init/init.ts';
import { GitRepository } from '../../gate/sources/git.ts';
import { note, result } from '../../terminal/output.ts';

interface InitOptions {
  readonly force?: boolean;
}

/** `sagaproof gate init`: writes the settings of the gate for a repository. */
export async function init({ force = false }: InitOptions, command: Command): Promise<void> {
  const { repo } = command.optsWithGlobals<{ repo: string }>();
  const { file, found } = await initGate(await GitRepository.at(repo), { force });
  const counts = [
    [found.avro.length, 'Avro folder'],
    [found.protobuf.length, 'protobuf module'],
    [found.openapi.length, 'OpenAPI document'],
    [found.asyncapi.length, 'AsyncAPI document'],
    [found.jsonSchema.length, 'JSON Schema file'],
  ] as const;
  const list = counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}${count === 1 ? '' : 's'}`);
  result(`wrote ${file}: ${list.join(', ')}`);
  for (const what of found.leftOut) note(`left out: ${what}`);
  for (const name of found.remote) {
    note(`${name} is not in the repository: its custom options are ignored`);
  }
  note('next: sagaproof gate');
}
