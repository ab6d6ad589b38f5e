import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { CONFIG_FILES } from '../config.ts';
import { GateError } from '../error.ts';
import type { GitRepository } from '../sources/git.ts';
import { type Discovered, discover } from './discover.ts';

/** What `gate init` wrote. */
export interface Initialized {
  readonly file: string;
  readonly found: Discovered;
}

/** Finds what the gate can compare in a repository, and writes its settings. */
export async function initGate(
  repository: GitRepository,
  options: { readonly force: boolean },
): Promise<Initialized> {
  const [file] = CONFIG_FILES;
  const known = CONFIG_FILES.find((path) => existsSync(join(repository.root, path)));
  if (known !== undefined && !options.force) {
    throw new GateError(`${known} exists`, {
      code: 'usage',
      file: known,
      fix: 'edit it, or write it again with --force',
    });
  }
  const found = discover(await repository.workingTree(), await repository.tracked());
  const { avro, protobuf, openapi, asyncapi, jsonSchema } = found;
  if ([avro, protobuf, openapi, asyncapi, jsonSchema].every(({ length }) => length === 0)) {
    throw new GateError('there is no schema or contract that the gate can compare', {
      file: repository.root,
      fix: `it reads Avro, protobuf, OpenAPI 3, AsyncAPI 2 and 3 and JSON Schema${found.leftOut.map((it) => `; left out: ${it}`).join('')}`,
    });
  }
  const path = known ?? file;
  writeFileSync(join(repository.root, path), textOf(found));
  return { file: path, found };
}

const HEADER = `# Settings of sagaproof gate, written by \`sagaproof gate init\`. Delete what is not deployed.
# modes: BACKWARD (new readers, old data), FORWARD, FULL, each also with _TRANSITIVE, or NONE
`;

function textOf({ avro, protobuf, imports, remote, ...found }: Discovered): string {
  const documents = (files: readonly string[]) => files.map((file) => ({ file }));
  const sections = {
    ...(avro.length > 0 && {
      avro: avro.map((folder) => ({ folder, mode: 'BACKWARD', subjects: 'record' })),
    }),
    ...(protobuf.length > 0 && {
      protobuf: protobuf.map((module) => ({ module, ...(imports.length > 0 && { imports }) })),
    }),
    ...(found.openapi.length > 0 && { openapi: documents(found.openapi) }),
    ...(found.asyncapi.length > 0 && { asyncapi: documents(found.asyncapi) }),
    ...(found.jsonSchema.length > 0 && {
      jsonSchema: found.jsonSchema.map((path) => ({ path, mode: 'BACKWARD' })),
    }),
  };
  const remarks = [
    ...remote.map((name) => `${name}: to compare its types, buf export ${name} -o third_party`),
    ...found.leftOut.map((what) => `left out: ${what}`),
  ];
  const footer = remarks.map((remark) => `# ${remark}\n`).join('');
  return `${HEADER}${stringify(sections, { aliasDuplicateObjects: false })}${footer}`;
}
