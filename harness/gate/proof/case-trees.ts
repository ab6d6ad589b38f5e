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
import type { CorpusCase, CorpusFormat } from './corpus.ts';

const CHECKS: Readonly<Record<CorpusFormat, FormatCheck>> = {
  avro: checkAvro,
  protobuf: checkProtobuf,
  openapi: checkOpenapi,
  asyncapi: checkAsyncapi,
  topics: checkTopics,
};
const FILES: Readonly<Record<CorpusFormat, string>> = {
  avro: 'avro/shop.events.avsc',
  protobuf: 'proto/shop.proto',
  openapi: 'contracts/openapi.yaml',
  asyncapi: 'contracts/asyncapi.yaml',
  topics: 'contracts/topics.yaml',
};

/** One change as two versions of a repository; gone when it is disposed. */
export interface CaseTrees extends Disposable {
  readonly comparison: Comparison;
  readonly check: FormatCheck;
}

/** Writes a case down as the gate finds it in a repository: the same code decides it. */
export function caseTrees(change: CorpusCase): CaseTrees {
  const folder = mkdtempSync(join(tmpdir(), 'gate-case-'));
  const write = (version: string, path: string, text: string): void => {
    const file = join(folder, version, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  for (const version of ['before', 'after'] as const) {
    write(version, FILES[change.format], textOf(change, version));
    if (change.format === 'avro') write(version, FILES.topics, topicTable(change.mode));
  }
  const head = folderTree(join(folder, 'after'), 'the change');
  const base = { tree: folderTree(join(folder, 'before'), 'the base'), services: 'all' } as const;
  const earlier =
    change.format === 'avro'
      ? change.earlier.map((schema, at) => ({ label: `v${at}`, text: JSON.stringify(schema) }))
      : [];
  return {
    check: CHECKS[change.format],
    comparison: { base, head, config: readGateConfig(head), earlier: async () => earlier },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function textOf(change: CorpusCase, version: 'before' | 'after'): string {
  switch (change.format) {
    case 'protobuf':
      return `syntax = "proto3";\npackage shop.v1;\n${change[version]}\n`;
    case 'avro':
      return JSON.stringify(change[version], null, 2);
    default:
      return stringify(change[version]);
  }
}

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
