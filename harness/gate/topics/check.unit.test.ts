import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readGateConfig } from '../config.ts';
import { folderTree } from '../sources/tree.ts';
import { checkTopics } from './check.ts';

const topic = (more: object = {}) => ({
  name: 'order.events',
  key: 'orderId',
  partitions: 3,
  retentionMs: 1000,
  compatibility: 'FULL',
  producers: ['order'],
  consumers: ['query'],
  ...more,
});

/** Rule, the breaking change of the topic, and a near harmless one. */
const CASES: ReadonlyArray<readonly [string, object, object]> = [
  ['topics/partitions-fewer', { partitions: 1 }, {}],
  ['topics/partitions-more', { partitions: 6 }, {}],
  ['topics/key-changed', { key: 'userId' }, {}],
  ['topics/retention-shorter', { retentionMs: 999 }, { retentionMs: -1 }],
  [
    'topics/compatibility-weaker',
    { compatibility: 'BACKWARD' },
    { compatibility: 'FULL_TRANSITIVE' },
  ],
  ['topics/producer-removed', { producers: ['other'] }, { producers: ['order', 'other'] }],
  ['topics/topic-renamed', { name: 'orders.events' }, { consumers: ['query', 'audit'] }],
];

describe('the rules of the topic table', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  const treeOf = (topics: object[] | string) => {
    const folder = mkdtempSync(join(tmpdir(), 'gate-topics-'));
    folders.push(folder);
    mkdirSync(join(folder, 'contracts/spec'), { recursive: true });
    const deadLetter = { partitions: 1, retentionMs: -1 };
    const table = { compatibilityDefault: 'FULL', deadLetter, topics };
    const text = typeof topics === 'string' ? topics : stringify(table);
    writeFileSync(join(folder, 'contracts', 'spec', 'topics.yaml'), text);
    return folderTree(folder, 'a version');
  };
  const check = (
    before: object[],
    after: object[] | string,
    services: 'all' | ReadonlyMap<string, string> = 'all',
  ) => {
    const head = treeOf(after);
    const base = { tree: treeOf(before), services };
    return checkTopics({ base, head, config: readGateConfig(head), earlier: async () => [] });
  };

  it.each(CASES)(
    '%s finds its change and leaves the nearest harmless one',
    async (rule, ...two) => {
      const [breaking, harmless] = two;
      const found = await check([topic()], [topic(breaking)]);
      expect(found).toMatchObject([
        { rule, breaks: ['query'], file: 'contracts/spec/topics.yaml' },
      ]);
      expect(await check([topic()], [topic(harmless)])).toEqual([]);
    },
  );

  it('reports a removed topic if it had consumers', async () => {
    const other = topic({ name: 'audit.events' });
    const found = await check([topic(), other], [topic()]);
    expect(found).toMatchObject([{ rule: 'topics/topic-removed', subject: 'audit.events' }]);
    expect(await check([topic(), { ...other, consumers: [] }], [topic()])).toEqual([]);
  });

  it('names running versions only', async () => {
    const change = [topic({ partitions: 6 })];
    const running = await check([topic()], change, new Map([['query', '2.0.1']]));
    expect(running).toMatchObject([{ breaks: ['query 2.0.1'] }]);
    expect(await check([topic()], change, new Map([['payment', '1.0.0']]))).toEqual([]);
  });

  it('names the line of the change', async () => {
    const [found] = await check([topic()], [topic({ key: 'userId' })]);
    expect(found?.line).toBe(7);
  });

  it('names what is wrong with a table', async () => {
    await expect(check([topic()], 'topics: 7')).rejects.toThrow(
      /contracts\/spec\/topics.yaml:1: topics: is not of type array/,
    );
  });
});
