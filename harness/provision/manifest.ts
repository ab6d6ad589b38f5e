import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ProvisionError } from './error.ts';

/** Where the manifest and the lock files that it names are. */
export const PROVISION_FOLDER = import.meta.dirname;

/** Goes up when the shape of an installed package changes, so that older ones are not reused. */
const LAYOUT = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const sha512Integrity = z.string().regex(/^sha512-[A-Za-z0-9+/=]{88}$/);
const perPlatform = <T extends z.ZodType>(hash: T) =>
  z.record(z.string().regex(/^(linux|darwin)-(x64|arm64)$/), hash);

const sourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('wheel'), package: z.string(), sha256: perPlatform(sha256) }),
  z.strictObject({
    kind: z.literal('python'),
    package: z.string(),
    lock: z.string(),
    /** The oldest Python that runs it, where that is newer than the one that `tools` asks for. */
    minimum: z.optional(z.string()),
  }),
  z.strictObject({ kind: z.literal('maven'), pom: z.string(), lock: z.string() }),
  z.strictObject({
    kind: z.literal('go'),
    package: z.string(),
    module: z.string(),
    lock: z.string(),
  }),
  z.strictObject({
    kind: z.literal('npm'),
    package: z.string(),
    integrity: perPlatform(sha512Integrity),
  }),
]);

const packageSchema = z.strictObject({
  title: z.string(),
  serves: z.array(z.string()),
  license: z.string(),
  version: z.string().min(1),
  components: z.optional(
    z.record(z.string(), z.strictObject({ artifact: z.string(), version: z.string() })),
  ),
  machine: z.optional(
    z.strictObject({
      command: z.string(),
      minimum: z.number(),
      preferred: z.optional(z.number()),
    }),
  ),
  source: sourceSchema,
});

const toolSchema = z.strictObject({
  command: z.string(),
  minimum: z.string(),
  fix: z.strictObject({ debian: z.string(), macos: z.string(), other: z.string() }),
});

export const PACKAGE_NAMES = [
  'java',
  'jvm-servers',
  'postgres',
  'redis',
  'mongodb',
  'schemathesis',
  'toxiproxy',
  'oasdiff',
] as const;
export type ToolName = 'maven' | 'go' | 'python';

const manifestSchema = z.strictObject({
  packages: z.strictObject({
    java: packageSchema,
    'jvm-servers': packageSchema,
    postgres: packageSchema,
    redis: packageSchema,
    mongodb: packageSchema,
    schemathesis: packageSchema,
    toxiproxy: packageSchema,
    oasdiff: packageSchema,
  }),
  tools: z.strictObject({ maven: toolSchema, go: toolSchema, python: toolSchema }),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestPackage = z.infer<typeof packageSchema>;
export type PackageSource = z.infer<typeof sourceSchema>;
export type SourceOf<K extends PackageSource['kind']> = Extract<PackageSource, { kind: K }>;

/** Reads and checks a manifest; says which entry is wrong. */
export function loadManifest(file = join(PROVISION_FOLDER, 'manifest.yaml')): Manifest {
  const parsed = manifestSchema.safeParse(parse(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((i) => `${i.path.map(String).join('.')}: ${i.message}`);
  throw new ProvisionError([
    {
      pkg: 'manifest',
      code: 'manifest-invalid',
      message: `${file}: ${issues.join('; ')}`,
      fix: 'correct the named entries',
    },
  ]);
}

/** `linux-x64` and the like, as the manifest writes platforms. */
export function currentPlatform(): string {
  return `${process.platform}-${process.arch}`;
}

/** Files that belong to an entry, so that editing one of them gives the package another key. */
function filesOf(source: PackageSource): readonly string[] {
  switch (source.kind) {
    case 'maven':
      return [source.pom, source.lock];
    case 'go':
      return [source.module, source.lock];
    case 'python':
      return [source.lock];
    case 'wheel':
    case 'npm':
      return [];
    default:
      return source satisfies never;
  }
}

/** Twelve hex digits that change when the entry, a file that it names, or the platform does. */
export function packageKey(pkg: ManifestPackage, folder = PROVISION_FOLDER): string {
  const hash = hashOf([LAYOUT, currentPlatform(), pkg.version, pkg.source]);
  const files = filesOf(pkg.source).map((file) => readFileSync(join(folder, file)));
  return shortHash([hash, ...files]);
}

/** The same for packages that are made here out of others. */
export function derivedKey(...parts: readonly unknown[]): string {
  return shortHash([hashOf([LAYOUT, currentPlatform(), ...parts])]);
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function shortHash(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 12);
}

/** The absolute path of a file that an entry names. */
export function manifestFile(file: string): string {
  return join(PROVISION_FOLDER, file);
}

/** Where a file of the manifest is, for tools that want its folder. */
export function manifestFolderOf(file: string): string {
  return dirname(manifestFile(file));
}
