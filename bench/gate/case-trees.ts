import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { checkAsyncapi } from '../../harness/gate/asyncapi/check.ts';
import { checkAvro } from '../../harness/gate/avro/check.ts';
import type { Comparison, FormatCheck } from '../../harness/gate/comparison.ts';
import { readGateConfig } from '../../harness/gate/config.ts';
import { checkOpenapi } from '../../harness/gate/openapi/check.ts';
import { checkPacts } from '../../harness/gate/pact/check.ts';
import { VERIFICATIONS_FILE } from '../../harness/gate/pact/pacts.ts';
import { recordVerification } from '../../harness/gate/pact/record.ts';
import { checkProtobuf } from '../../harness/gate/protobuf/check.ts';
import { folderTree } from '../../harness/gate/sources/tree.ts';
import { checkTopics } from '../../harness/gate/topics/check.ts';
import type { CorpusCase, CorpusFormat, PactCase, ProtobufModule } from './corpus.ts';
import { brokenPact, nameAndVersion, pactOf } from './pact-cases.ts';

const CHECKS: Readonly<Record<CorpusFormat, FormatCheck>> = {
  avro: checkAvro,
  protobuf: checkProtobuf,
  openapi: checkOpenapi,
  asyncapi: checkAsyncapi,
  topics: checkTopics,
  pact: checkPacts,
};
const PROTO_FOLDER = 'proto';
const FILES: Readonly<Record<Exclude<CorpusFormat, 'protobuf' | 'pact'>, string>> = {
  avro: 'avro/shop.events.avsc',
  openapi: 'contracts/spec/openapi.yaml',
  asyncapi: 'contracts/spec/asyncapi.yaml',
  topics: 'contracts/spec/topics.yaml',
};

/** One change as two versions of a repository, in a folder that dispose removes. */
export interface CaseTrees extends Disposable {
  readonly comparison: Comparison;
  readonly check: FormatCheck;
  /** Folders of protobuf modules before the base's. */
  readonly earlierModules: readonly string[];
}

/** Writes a case as repository folders, so that the gate checks it with its usual code. */
export async function caseTrees(change: CorpusCase): Promise<CaseTrees> {
  if (change.format === 'pact') return pactTrees(change);
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

/** What runs, and what comes, with the verifications that were recorded meanwhile. */
async function pactTrees(change: PactCase): Promise<CaseTrees> {
  const folder = mkdtempSync(join(tmpdir(), 'gate-case-'));
  const tree = (version: string) => folderTree(join(folder, version), version);
  const pactFolder = readGateConfig(tree('none')).pacts.folder;
  const hold = (version: string, consumers: readonly string[]): void => {
    mkdirSync(join(folder, version, pactFolder), { recursive: true });
    for (const consumer of consumers) {
      const [name] = nameAndVersion(consumer);
      const file = join(folder, version, pactFolder, `${name}-${change.provider}.json`);
      writeFileSync(file, JSON.stringify(pactOf(change, consumer)));
    }
  };
  const { holds, comes, runs, verified } = change;
  const [coming, comingVersion] = nameAndVersion(comes);
  const asking = runs.filter((one) => nameAndVersion(one)[0] !== change.provider);
  const now = coming === change.provider ? [] : [comes];
  const verifications: string[] = [];
  for (const [consumer, provider] of verified) {
    // Recorded when it ran, with the pacts that the repository had at that time.
    hold('verified', [consumer]);
    const [, providerVersion] = nameAndVersion(provider);
    const success = (await brokenPact(change, consumer, provider)) === undefined;
    const result = { consumer: nameAndVersion(consumer)[0], provider: change.provider };
    recordVerification(tree('verified'), pactFolder, { ...result, providerVersion, success });
    verifications.push(
      readFileSync(join(folder, 'verified', pactFolder, VERIFICATIONS_FILE), 'utf8'),
    );
    rmSync(join(folder, 'verified'), { recursive: true });
  }
  hold('base', asking);
  hold('head', [...asking, ...now, ...(holds === undefined ? [] : [holds])]);
  writeFileSync(join(folder, 'head', pactFolder, VERIFICATIONS_FILE), verifications.join(''));
  const head = tree('head');
  return {
    check: CHECKS.pact,
    earlierModules: [],
    comparison: {
      base: { tree: tree('base'), services: new Map(runs.map(nameAndVersion)) },
      head,
      config: readGateConfig(head),
      earlier: async () => [],
      asked: { service: coming, version: comingVersion },
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const filesOf = (module: ProtobufModule): Readonly<Record<string, string>> =>
  typeof module === 'string'
    ? { 'shop.proto': `syntax = "proto3";\npackage shop.v1;\n${module}\n` }
    : module;

const textOf = (change: Exclude<CorpusCase, PactCase>, version: 'before' | 'after'): string =>
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
