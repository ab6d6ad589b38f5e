/** A hash of everything a stack is made of: a later run may reuse it only if it is the same. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { PACKAGE_ROOT, packageAsset } from '../kernel/package-assets.ts';
import { VERSION } from '../kernel/version.ts';
import { select } from './links.ts';
import type { LoadedManifest } from './services/manifest.ts';
import type { StackSpec } from './spec.ts';

/** What every stack has loaded. */
const SOURCES = [
  'avro',
  'contracts',
  'harness/kernel',
  'harness/links',
  'harness/testbed',
  'pnpm-lock.yaml',
] as const;
/** What a reference service loads besides its own folder. */
const SERVICE_SOURCES = ['proto', 'reference-services/kit'] as const;
const CHUNK_BYTES = 1 << 20;
/** Manifests are hashed as they were parsed. */
const NOT_LOADED = /\.test\.ts$|\.md$|\.service\.yaml$|(^|\/)(node_modules|fixtures)\//;

export function fingerprint(
  order: Pick<StackSpec, 'only' | 'untuned' | 'wire' | 'services' | 'config' | 'installation'>,
): string {
  const hash = createHash('sha256');
  const { only, untuned, wire, config, installation } = order;
  hash.update(
    JSON.stringify([VERSION, process.version, only, untuned, wire, config, installation]),
  );
  for (const source of sourcesOf(order)) addPath(hash, source);
  for (const { file, manifest } of order.services) hash.update(JSON.stringify([file, manifest]));
  for (const service of order.services) if (service.subject) addProgram(hash, service);
  return hash.digest('hex').slice(0, 32);
}

/** Only what this stack runs: a change of a service matters to no stack without it. */
function sourcesOf({
  only,
  wire,
  services,
}: Pick<StackSpec, 'only' | 'wire' | 'services'>): string[] {
  const references = services.filter(({ subject }) => !subject);
  return [
    ...SOURCES,
    ...(select(only).infrastructure.has('eventstore') ? ['harness/eventstore'] : []),
    ...(wire ? ['chaos/wire'] : []),
    ...(references.length > 0 ? SERVICE_SOURCES : []),
    ...references.map(({ service }) => `reference-services/${service}`),
  ];
}

type Hash = ReturnType<typeof createHash>;

function addPath(hash: Hash, relative: string): void {
  const path = packageAsset(relative);
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) {
    addFile(hash, relative, path);
    return;
  }
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !NOT_LOADED.test(file.slice(PACKAGE_ROOT.length)))
    .sort();
  for (const file of files) addFile(hash, file.slice(PACKAGE_ROOT.length), file);
}

function addFile(hash: Hash, name: string, path: string): void {
  hash.update(`${name}\0`).update(readFileSync(path)).update('\0');
}

/** In chunks: a program may be larger than the memory for it. */
function addContent(hash: Hash, path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let size = readSync(descriptor, chunk); size > 0; size = readSync(descriptor, chunk)) {
      hash.update(chunk.subarray(0, size));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The program of a subject's command, and its arguments if they are files. */
function addProgram(hash: Hash, { folder, manifest }: LoadedManifest): void {
  const cwd = resolve(folder, manifest.cwd);
  for (const part of manifest.command ?? []) {
    const program = resolve(cwd, part);
    if (!existsSync(program) || !statSync(program).isFile()) continue;
    // Compilers touch files that are up to date, so what they make is compared by its content.
    if (manifest.build) addContent(hash, program);
    const { size, mtimeMs } = statSync(program);
    hash.update(`${program} ${size} ${manifest.build ? '' : mtimeMs}\0`);
  }
}
