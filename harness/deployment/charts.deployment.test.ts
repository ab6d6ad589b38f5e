import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { packageAsset } from '../kernel/package-assets.ts';
import {
  type Charts,
  chartNames,
  INSTALLATIONS,
  type Installation,
  prepareCharts,
  render,
} from './charts.testkit.ts';
import { goTool, missingProgram, schemaLocations } from './tools.testkit.ts';

/** Building the tools for the first time takes minutes. */
const BUILD_TIMEOUT_MS = 1_800_000;
const INSTALLATION_NAMES = Object.keys(INSTALLATIONS) as Installation[];
const ours = INSTALLATION_NAMES.filter((name) => name !== 'servers');

const Violations = z.array(
  z.strictObject({
    policy: z.string(),
    object: z.string(),
    path: z.array(z.union([z.string(), z.number()])).optional(),
    value: z.unknown().optional(),
  }),
);
type Violation = z.infer<typeof Violations>[number];
const violations = Violations.parse(
  parse(readFileSync(packageAsset('helm/policies/violations.yaml'), 'utf8')),
);

const missing = await missingProgram();
describe.skipIf(missing !== undefined)(`charts${missing ? ` (${missing})` : ''}`, () => {
  let charts: Charts;
  const rendered = new Map<Installation, string>();
  const textOf = (name: Installation): string => rendered.get(name) ?? '';

  beforeAll(async () => {
    charts = await prepareCharts();
    for (const name of INSTALLATION_NAMES) rendered.set(name, await render(charts, name));
  }, BUILD_TIMEOUT_MS);

  it.each(chartNames())('%s passes helm lint', async (name) => {
    expect(await charts.helm('lint', '--strict', '--quiet', name)).not.toContain('[ERROR]');
  });

  it('refuses a value that no chart knows', async () => {
    const misspelt = charts.helm('template', 'auth', '--set', 'replica=3');
    await expect(misspelt).rejects.toThrow(/replica/);
  });

  it.each(INSTALLATION_NAMES)('%s renders what its snapshot has', async (name) => {
    await expect(textOf(name)).toMatchFileSnapshot(packageAsset(`helm/snapshots/${name}.yaml`));
  });

  describe('schemas of Kubernetes, KEDA, Istio, External Secrets and the Prometheus operator', () => {
    let schemas: string[] = [];
    beforeAll(async () => {
      schemas = await schemaLocations();
      await goTool('kubeconform');
    }, BUILD_TIMEOUT_MS);

    const check = async (text: string) => {
      const locations = schemas.flatMap((location) => ['-schema-location', location]);
      const binary = await goTool('kubeconform');
      const args = ['-strict', '-summary', '-output', 'json', ...locations];
      const { stdout } = await execa(binary, args, { input: text, reject: false });
      const { summary, resources = [] } = JSON.parse(stdout);
      return { summary, problems: resources.map(({ msg }: { msg: string }) => msg) };
    };

    it.each(INSTALLATION_NAMES)('%s fits them, to the last object', async (name) => {
      const { summary, problems } = await check(textOf(name));
      expect(problems).toEqual([]);
      expect(summary).toMatchObject({ invalid: 0, errors: 0, skipped: 0 });
      const documents = parseAllDocuments(textOf(name)).filter(({ contents }) => contents !== null);
      expect(summary.valid).toBe(documents.length);
    });

    it.each([
      ['a field of Kubernetes', 'maxUnavailable: 1', 'maxUnavaliable: 1'],
      ['a field of KEDA', 'pollingInterval: 15', 'poolingInterval: 15'],
      ['a field of Istio', 'baseEjectionTime: 10s', 'baseEjectTime: 10s'],
      ['a field of External Secrets', 'refreshInterval: 1h', 'refreshPeriod: 1h'],
      ['a field of the Prometheus operator', 'honorLabels: true', 'honourLabels: true'],
    ])('finds %s that is misspelt', async (_what, right, wrong) => {
      const text = textOf('eks').replace(right, wrong);
      expect(text).not.toBe(textOf('eks'));
      expect((await check(text)).problems).toHaveLength(1);
    });
  });

  describe('policies', () => {
    beforeAll(async () => {
      await goTool('conftest');
    }, BUILD_TIMEOUT_MS);

    it.each(ours)('%s follows all of them', async (name) => {
      expect(await failuresOf(textOf(name))).toEqual([]);
    });

    it('has a violation for each policy', () => {
      const written = ['containers', 'availability', 'network'].flatMap((file) =>
        [...policyText(file).matchAll(/^deny contains (?:sprintf\()?"([a-z-]+):/gm)].map(
          ([, policy]) => policy,
        ),
      );
      expect(written.length).toBeGreaterThan(10);
      expect(new Set(violations.map(({ policy }) => policy))).toEqual(new Set(written));
    });

    it.each(violations)('$policy finds a changed $object, $path', async (violation) => {
      const failures = await failuresOf(changed(textOf('eks'), violation));
      expect(new Set(failures.map((message) => message.split(':')[0]))).toEqual(
        new Set([violation.policy]),
      );
    });
  });
});

const policyText = (name: string): string =>
  readFileSync(packageAsset(`helm/policies/${name}.rego`), 'utf8');

async function failuresOf(text: string): Promise<string[]> {
  const file = join(mkdtempSync(join(tmpdir(), 'sagaproof-policies-')), 'objects.yaml');
  writeFileSync(file, text);
  const args = ['test', '--combine', '--output', 'json', '--policy', packageAsset('helm/policies')];
  const { stdout } = await execa(await goTool('conftest'), [...args, file], { reject: false });
  const results = JSON.parse(stdout) as { failures?: { msg: string }[] }[];
  return results.flatMap(({ failures = [] }) => failures.map(({ msg }) => msg));
}

/** The text with one change. */
function changed(text: string, { object, path, value }: Violation): string {
  let isFound = false;
  const documents = parseAllDocuments(text).flatMap((document) => {
    const name = `${document.get('kind')}/${document.getIn(['metadata', 'name'])}`;
    if (name !== object) return [document];
    isFound = true;
    if (path === undefined) return [];
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, value);
    return [document];
  });
  if (!isFound) throw new Error(`there is no ${object} to change`);
  return documents.map(String).join('');
}
