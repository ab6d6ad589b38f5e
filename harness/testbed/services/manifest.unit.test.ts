import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INVARIANTS } from '../../invariants/all.ts';
import { FEATURES, loadManifest, ManifestError } from './manifest.ts';
import { manifestJsonSchema, SCHEMA_PATH } from './manifest-json-schema.ts';

const ECHO = fileURLToPath(new URL('./fixtures/echo/sagaproof.service.yaml', import.meta.url));

const SCENARIOS = fileURLToPath(new URL('../../../scenarios/', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'manifest-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function manifestOf(text: string): string {
  const file = join(folder, 'sagaproof.service.yaml');
  writeFileSync(file, text);
  return file;
}

const GOOD = `service: order
version: 1.0.0
command: [./order]
readiness: { tcp: "127.0.0.1:1" }
`;

describe('a service manifest', () => {
  it('is read with its defaults', () => {
    expect(loadManifest(manifestOf(GOOD)).manifest).toMatchObject({
      cwd: '.',
      env: {},
      ports: [],
      instances: 1,
      features: { absent: [] },
      readiness: { timeoutMs: 60_000 },
    });
  });

  it('takes numbers and booleans in env as text', () => {
    const file = manifestOf(`${GOOD}env: { TTL_MS: 30000, DEBUG: true }\n`);
    expect(loadManifest(file).manifest.env).toEqual({ TTL_MS: '30000', DEBUG: 'true' });
  });

  it('declares what it does not have', () => {
    expect(loadManifest(ECHO).manifest.features.absent).toEqual(['tracing']);
  });

  it.each([
    [
      'a service that there is not',
      GOOD.replace('order', 'orders'),
      'service: write one of api-gat',
    ],
    ['an unknown key', `${GOOD}comand: [x]\n`, 'there is no comand; did you mean command?'],
    [
      'an unknown key further in',
      GOOD.replace('tcp:', 'htpp:'),
      'there is no htpp in readiness; did you mean http?',
    ],
    [
      'no way to run it',
      GOOD.replace(/command.*\n/, ''),
      'write exactly one of command, image, address; there is none of them',
    ],
    [
      'two ways to run it',
      `${GOOD}address: { host: h, ports: { grpc: 1 } }\n`,
      'there is command and address',
    ],
    [
      'an image',
      GOOD.replace(/command.*/, 'image: order:1'),
      'containers are not supported yet; write `command` or `address` instead',
    ],
    [
      'two readiness checks',
      GOOD.replace('tcp: "127.0.0.1:1"', 'tcp: a:1, http: "http://a"'),
      'readiness: write exactly one of http, grpc, tcp; there is http and tcp',
    ],
    [
      'a bundle of what is no Node program',
      `${GOOD}bundle: true\n`,
      'bundle: needs `command: [node, <file>, …]`',
    ],
    [
      'a build of what runs already',
      `${GOOD.replace(/command.*/, 'address: { host: h, ports: { grpc: 1 } }')}build: [make]\n`,
      'build: makes what `command` starts; an `address` runs already',
    ],
    ['a build that is one text', `${GOOD}build: go build\n`, 'build: '],
    ['no version', GOOD.replace(/version.*\n/, ''), 'version: is missing. Shown in reports.'],
    ['a version that YAML takes for a number', GOOD.replace('1.0.0', '1.0'), 'in quotes'],
    [
      'no readiness check',
      GOOD.replace(/readiness.*\n/, ''),
      'readiness: is missing. How the harness sees that an instance is ready',
    ],
    ['text that is not YAML', 'service: [order', 'is not YAML'],
    ['nothing', '', 'write a mapping that starts with `service:`'],
    [
      'a feature that there is not',
      `${GOOD}features: { absent: [traicing] }\n`,
      'there is no traicing in features.absent; did you mean tracing?',
    ],
    ['a port that is no name', `${GOOD}ports: [8080]\n`, 'ports.0: '],
  ])('refuses %s, names the file and says what to write', (_, text, message) => {
    const file = manifestOf(text);
    const load = () => loadManifest(file);
    expect(load).toThrow(ManifestError);
    expect(load).toThrow(message);
    expect(load).toThrow(file);
  });

  it('refuses a file that is not there', () => {
    expect(() => loadManifest(join(folder, 'none.yaml'))).toThrow('there is no such file');
  });

  it('names the file with an alias that has no anchor', () => {
    const file = join(folder, 'alias.yaml');
    writeFileSync(file, 'service: *unknown\n');
    expect(() => loadManifest(file)).toThrow(`${file} is not YAML: Unresolved alias`);
  });
});

describe('a feature that a manifest may declare not to have', () => {
  it('is needed by a scenario or a promise, so that its absence is never silently green', () => {
    const sources = readdirSync(SCENARIOS)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(SCENARIOS, name), 'utf8'));
    const ofScenarios = sources.flatMap((text) =>
      [...text.matchAll(/^ +needs: \['([a-z-]+)'\]/gm)].map(([, feature]) => feature ?? ''),
    );
    const ofPromises = INVARIANTS.flatMap(({ features = [] }) => features);
    const needed = new Set([...ofScenarios, ...ofPromises]);
    expect([...needed].sort()).toEqual([...FEATURES].sort());
  });
});

describe('the manifest’s JSON schema', () => {
  it('in the docs is the one that manifests are checked with: `pnpm generate` writes it', () => {
    expect(JSON.parse(readFileSync(SCHEMA_PATH, 'utf8'))).toEqual(manifestJsonSchema());
  });

  it('demands exactly one way to run and one readiness check', () => {
    const accepts = new Ajv2020({ strict: false }).compile(manifestJsonSchema());
    const good = { service: 'order', version: '1', command: ['x'], readiness: { tcp: 'a:1' } };
    expect(accepts(good)).toBe(true);
    expect(accepts({ ...good, image: 'x' })).toBe(false);
    expect(accepts({ ...good, readiness: {} })).toBe(false);
  });
});
