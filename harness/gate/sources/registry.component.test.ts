import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { useOwnRuns } from '../../testbed/stack.testkit.ts';
import { bootStack } from '../../testbed/stack.ts';
import { gate } from '../gate.ts';
import { testRepository } from '../repository.testkit.ts';
import { Registry } from './registry.ts';

const BOOT_TIMEOUT_MS = 240_000;
/** Not one of the system's own, whose schemas a stack registers at its boot. */
const TOPIC = 'gate.events';
const ID = { name: 'id', type: 'string' };
const NOTE = { name: 'note', type: 'string', default: '' };
const record = (...fields: object[]) => ({ type: 'record', name: 'Event', fields });
const CONTRACTS = {
  [`avro/${TOPIC}.avsc`]: record(ID, NOTE),
  'contracts/spec/topics.yaml': stringify({
    compatibilityDefault: 'FULL',
    deadLetter: { partitions: 1, retentionMs: -1 },
    topics: [
      {
        name: TOPIC,
        key: 'id',
        partitions: 3,
        retentionMs: -1,
        compatibility: 'FULL',
        producers: ['order'],
        consumers: ['query'],
      },
    ],
  }),
};

/** Sets a subject's mode as an operator does, over Confluent's API. */
async function setMode(url: string, compatibility: string): Promise<void> {
  const response = await fetch(`${url}/config/${TOPIC}-value`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ compatibility }),
  });
  expect(response.status, await response.text()).toBe(200);
}

describe('a real registry', () => {
  const tests = useOwnRuns();

  it(
    'adds its versions to the comparison, and checks its mode',
    async () => {
      await using stack = await bootStack({
        only: ['registry'],
        fresh: true,
        installation: tests.installation(),
      });
      const { url } = stack.addressBook.registry;
      const registry = new Registry(url);
      using repository = testRepository(CONTRACTS);
      const ask = () => gate({ repository: repository.folder, staged: false, registry: url });
      // A subject that the registry does not have yields no finding.
      expect(await ask()).toMatchObject({ answer: 'yes' });

      const first = await registry.register(`${TOPIC}-value`, JSON.stringify(record(ID, NOTE)));
      expect(JSON.parse(await registry.schema(first))).toEqual(record(ID, NOTE));
      await setMode(url, 'FULL');
      expect(await ask()).toMatchObject({ answer: 'yes' });

      await setMode(url, 'BACKWARD');
      expect(await ask()).toMatchObject({
        answer: 'unknown',
        findings: [{ rule: 'avro/registry-mode-weaker' }],
      });

      const other = record(ID, { name: 'note', type: 'int' });
      await registry.register(`${TOPIC}-value`, JSON.stringify(other));
      await setMode(url, 'FULL');
      const answer = await ask();
      expect(answer.answer).toBe('no');
      expect(answer.findings[0]?.fails).toContain('version 2 in the registry');
    },
    BOOT_TIMEOUT_MS,
  );

  it('without its base path is an error that says so', async () => {
    await using stack = await bootStack({
      only: ['registry'],
      fresh: true,
      installation: tests.installation(),
    });
    const url = new URL(stack.addressBook.registry.url).origin;
    await expect(new Registry(url).schema(1)).rejects.toThrow(/base path may be missing|knows no/);
  });
});
