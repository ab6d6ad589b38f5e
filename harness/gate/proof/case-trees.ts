import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { checkAsyncapi } from '../asyncapi/check.ts';
import { checkAvro } from '../avro/check.ts';
import type { Comparison, FormatCheck } from '../comparison.ts';
import { readGateConfig } from '../config.ts';
import { checkOpenapi } from '../openapi/check.ts';
import { checkProtobuf } from '../protobuf/check.ts';
import { folderTree } from '../sources/tree.ts';
import { checkTopics } from '../topics/check.ts';
import type { CorpusCase, CorpusFormat, ProtobufModule } from './corpus.ts';

const CHECKS: Readonly<Record<CorpusFormat, FormatCheck>> = {
  avro: checkAvro,
  protobuf: checkProtobuf,
  openapi: checkOpenapi,
  asyncapi: checkAsyncapi,
  topics: checkTopics,
};
const PROTO_FOLDER = 'proto';
const FILES: Readonly<Record<Exclude<CorpusFormat, 'protobuf'>, string>> = {
  avro: 'avro/shop.events.avsc',
  openapi: 'contracts/openapi.yaml',
  asyncapi: 'contracts/asyncapi.yaml',
  topics: 'contracts/topics.yaml',
};

/** One change as two versions of a repository; gone when it is disposed. */
export interface CaseTrees extends Disposable {
  readonly comparison: Comparison;
  readonly check: FormatCheck;
  /** Folders of protobuf modules before the base's. */
  readonly earlierModules: readonly string[];
}

/** Writes a case down as the gate finds it in a repository: the same code decides it. */
export function caseTrees(change: CorpusCase): CaseTrees {
  const folder = mkdtempSync(join(tmpdir(), 'gate-case-'));
  const write = (version: string, path: string, text: string): void => {
    const file = join(folder, version, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const writeModule = (version: string, module: ProtobufModule): void => {
    for (const [name, text] of Object.entries(filesOf(module))) {
      write(version, `${PROTO_FOLDER}/${name}`, text);
    }
  };
  for (const version of ['before', 'after'] as const) {
    if (change.format === 'protobuf') writeModule(version, change[version]);
    else write(version, FILES[change.format], textOf(change, version));
    if (change.format === 'avro') write(version, FILES.topics, topicTable(change.mode));
  }
  const modules = change.format === 'protobuf' ? change.earlier : [];
  for (const [at, module] of modules.entries()) writeModule(`earlier-${at}`, module);
  const head = folderTree(join(folder, 'after'), 'the change');
  const base = { tree: folderTree(join(folder, 'before'), 'the base'), services: 'all' } as const;
  const earlier =
    change.format === 'avro'
      ? change.earlier.map((schema, at) => ({ label: `v${at}`, text: JSON.stringify(schema) }))
      : [];
  return {
    check: CHECKS[change.format],
    earlierModules: modules.map((_, at) => join(folder, `earlier-${at}`, PROTO_FOLDER)),
    comparison: { base, head, config: readGateConfig(head), earlier: async () => earlier },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const filesOf = (module: ProtobufModule): Readonly<Record<string, string>> =>
  typeof module === 'string'
    ? { 'shop.proto': `syntax = "proto3";\npackage shop.v1;\n${module}\n` }
    : module;

const textOf = (change: CorpusCase, version: 'before' | 'after'): string =>
  change.format === 'avro' ? JSON.stringify(change[version], null, 2) : stringify(change[version]);

const topicTable = (compatibility: string): string =>
  stringify({
    compatibilityDefault: compatibility,
    deadLetter: { partitions: 1, retentionMs: -1 },
    topics: [
      {
        name: 'shop.events',
        key: 'id',
        partitions: 1,
        retentionMs: -1,
        compatibility,
        producers: ['shop'],
        consumers: ['audit'],
      },
    ],
  });
