/** Tools and schemas of the deployment tests: built and fetched once, then found in the cache. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { packageAsset } from '../kernel/package-assets.ts';
import { cacheFolder } from '../provision/cache-folder.ts';

const MODULE = packageAsset('harness/deployment/tools');
const PACKAGES = {
  helm: 'helm.sh/helm/v4/cmd/helm',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform',
  conftest: 'github.com/open-policy-agent/conftest',
} as const;
type Tool = keyof typeof PACKAGES;

/** Folder of Kubernetes' own schemas among those that are fetched. */
const KUBERNETES = 'kubernetes';

const keyOf = (...texts: readonly string[]): string =>
  createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 16);
const read = (path: string): string => readFileSync(path, 'utf8');

/** Why the deployment tests cannot run here; undefined where they can. */
export async function missingProgram(): Promise<string | undefined> {
  for (const [program, argument] of [
    ['go', 'version'],
    ['python3', '--version'],
  ] as const) {
    const { exitCode } = await execa(program, [argument], { reject: false });
    if (exitCode !== 0) return `${program} is not on the PATH`;
  }
  return undefined;
}

/** The path of a tool, built at its pinned version; minutes when it is built for the first time. */
export async function goTool(name: Tool): Promise<string> {
  const folder = join(cacheFolder(), 'deployment', `tools-${keyOf(read(join(MODULE, 'go.sum')))}`);
  const binary = join(folder, name);
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const unfinished = `${binary}.${process.pid}`;
  await execa('go', ['-C', MODULE, 'build', '-o', unfinished, PACKAGES[name]], {
    env: { GOFLAGS: '-mod=readonly' },
  });
  renameSync(unfinished, binary);
  return binary;
}

const Sources = z.object({
  kubernetes: z.object({ package: z.string(), version: z.string(), schemas: z.string() }),
  operators: z.array(z.object({ module: z.string(), version: z.string(), files: z.string() })),
});

/** Locations of schemas for kubeconform: Kubernetes' own, and those of operators. */
export async function schemaLocations(): Promise<string[]> {
  const text = read(join(MODULE, 'schemas.yaml'));
  const folder = join(cacheFolder(), 'deployment', `schemas-${keyOf(text)}`);
  const sources = Sources.parse(parse(text));
  if (!existsSync(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(join(unfinished, 'operators'), { recursive: true });
    await fetchKubernetes(sources.kubernetes, unfinished);
    for (const source of sources.operators)
      await fetchOperator(source, join(unfinished, 'operators'));
    renameSync(unfinished, folder);
  }
  return [
    join(folder, KUBERNETES, '{{ .ResourceKind }}{{ .KindSuffix }}.json'),
    join(folder, 'operators', '{{ .Group }}_{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json'),
  ];
}

async function fetchKubernetes(
  source: z.infer<typeof Sources>['kubernetes'],
  folder: string,
): Promise<void> {
  const wanted = `${source.package}==${source.version}`;
  const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--dest', folder];
  await execa('python3', ['-m', 'pip', 'download', ...options, wanted]);
  const wheels = globSync('*.whl', { cwd: folder });
  for (const wheel of wheels) {
    await execa('python3', ['-m', 'zipfile', '-e', wheel, '.'], { cwd: folder });
  }
  const schemas = join(folder, 'kubernetes_validate/kubernetes-json-schema', source.schemas);
  mkdirSync(join(folder, KUBERNETES));
  for (const file of globSync('*.json', { cwd: schemas })) {
    // Its `$id` would make a validator fetch what it refers to; the files are next to each other.
    const { $id: _, ...schema } = JSON.parse(read(join(schemas, file)));
    const text = JSON.stringify(schema).replaceAll('"/api/_definitions.json', '"_definitions.json');
    writeFileSync(join(folder, KUBERNETES, file), text);
  }
  for (const unpacked of [...wheels, ...globSync('kubernetes_validate*', { cwd: folder })]) {
    rmSync(join(folder, unpacked), { recursive: true, force: true });
  }
}

const Definition = z.object({
  kind: z.literal('CustomResourceDefinition'),
  spec: z.object({
    group: z.string(),
    names: z.object({ kind: z.string() }),
    versions: z.array(
      z.object({ name: z.string(), schema: z.object({ openAPIV3Schema: z.unknown() }) }),
    ),
  }),
});

async function fetchOperator(
  { module, version, files }: z.infer<typeof Sources>['operators'][number],
  folder: string,
): Promise<void> {
  const { stdout } = await execa('go', ['mod', 'download', '-json', `${module}@${version}`], {
    cwd: folder,
    env: { GOFLAGS: '-mod=mod' },
  });
  const { Dir } = z.object({ Dir: z.string() }).parse(JSON.parse(stdout));
  const paths = globSync(files, { cwd: Dir });
  if (paths.length === 0) throw new Error(`${module}@${version} has no ${files}`);
  const documents = paths.flatMap((path) => parseAllDocuments(read(join(Dir, path))));
  for (const document of documents) {
    const parsed = Definition.safeParse(document.toJS());
    if (!parsed.success) continue;
    const { group, names, versions } = parsed.data.spec;
    for (const { name, schema } of versions) {
      const file = `${group}_${names.kind.toLowerCase()}_${name}.json`;
      writeFileSync(join(folder, file), JSON.stringify(wholeObject(schema.openAPIV3Schema)));
    }
  }
}

/** Every object has these, whether its definition lists them or not. */
const wholeObject = (schema: unknown): unknown =>
  strict({
    ...z.looseObject({}).parse(schema),
    properties: {
      ...z.looseObject({ properties: z.looseObject({}) }).parse(schema).properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
    },
  });

/**
 * A definition says what is known; the API server drops the rest in silence. Here a field that is
 * not known is a mistake.
 */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy: Record<string, unknown> = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, strict(value)]),
  );
  const open = copy['x-kubernetes-preserve-unknown-fields'] === true;
  const isObject = typeof copy['properties'] === 'object' && copy['type'] === 'object';
  if (isObject && !open && copy['additionalProperties'] === undefined) {
    copy['additionalProperties'] = false;
  }
  if (copy['x-kubernetes-int-or-string'] === true) delete copy['type'];
  return copy;
}
