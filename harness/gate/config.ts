import { posix } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { COMPATIBILITY_MODES } from '#contracts/spec/topics.ts';
import { REST_SERVICE, SOCKET_SERVICE } from '../kernel/system.ts';
import { type Callers, callersOf } from './callers.ts';
import { GateError } from './error.ts';
import { DOCUMENT_BUDGET_MS } from './json-schema/budget.ts';
import type { Tree } from './sources/tree.ts';

/** Where the settings may be; the first one that exists counts. */
export const CONFIG_FILES = ['gate.yaml', 'contracts/gate.yaml'] as const;

/**
 * Buf's rules that the gate uses, chosen here alone. WIRE_JSON covers bytes and JSON; the other
 * three cover calls, which it does not. FILE protects generated source code, which no deployed
 * process reads; add it in gate.yaml when the module is published.
 */
const BUF_RULES = ['WIRE_JSON', 'RPC_NO_DELETE', 'PACKAGE_SERVICE_NO_DELETE'] as const;

const Document = z.strictObject({
  file: z.string(),
  /** The service that serves it; default: the name of its file. */
  provider: z.string().optional(),
  /** Its clients, as the gate's output names them. */
  clients: z.array(z.string()).default(['its clients']),
});
const AvroSource = z.strictObject({
  folder: z.string().default('avro'),
  /** For subjects that the topic table does not list. */
  mode: z.enum(COMPATIBILITY_MODES).optional(),
  /** How a registry names the subjects: TopicName, RecordName or TopicRecordName strategy. */
  subjects: z.enum(['topic', 'record', 'topic-record']).default('topic'),
  /** How readers compare names of types: the specification ignores namespaces, avsc does not. */
  names: z.enum(['unqualified', 'full']).default('unqualified'),
});
export type AvroSource = z.infer<typeof AvroSource>;
const ProtobufModule = z.strictObject({
  module: z.string().default('proto'),
  rules: z
    .array(z.string())
    .min(1)
    .default([...BUF_RULES]),
  /** Folders with the modules that it imports: vendored dependencies. */
  imports: z.array(z.string()).default([]),
});
export type ProtobufModule = z.infer<typeof ProtobufModule>;
const JsonSchemas = z.strictObject({
  /** A file, or a folder of `.json`, `.yaml` and `.yml` files. */
  path: z.string(),
  mode: z.enum(COMPATIBILITY_MODES).default('BACKWARD'),
});
export type JsonSchemas = z.infer<typeof JsonSchemas>;

/** One, or a list of several. */
const some = <T extends z.ZodType>(shape: T) =>
  z.union([z.array(shape), shape.transform((one) => [one])]);

const Config = z.strictObject({
  avro: some(AvroSource).prefault([{}]),
  protobuf: some(ProtobufModule).prefault([{}]),
  openapi: z
    .array(Document)
    .default([
      { file: 'contracts/spec/openapi.yaml', provider: REST_SERVICE, clients: ['web client'] },
    ]),
  asyncapi: z
    .array(Document)
    .default([
      { file: 'contracts/spec/asyncapi.yaml', provider: SOCKET_SERVICE, clients: ['web client'] },
    ]),
  jsonSchema: z.array(JsonSchemas).default([]),
  pacts: z.strictObject({ folder: z.string().default('contracts/pacts') }).prefault({}),
  /** How long the comparison of one document may take. */
  budgetSeconds: z
    .number()
    .positive()
    .default(DOCUMENT_BUDGET_MS / 1000),
  /** By service: the services that call it over gRPC. Overrides contracts/topology.yaml. */
  callers: z.record(z.string(), z.array(z.string())).default({}),
  /** By protobuf package: the service that serves it. Overrides contracts/topology.yaml. */
  packages: z.record(z.string(), z.string()).default({}),
});
/** A document with its provider. */
export interface DocumentConfig {
  readonly file: string;
  readonly provider: string;
  readonly clients: readonly string[];
}
type Documents = { readonly [format in 'openapi' | 'asyncapi']: readonly DocumentConfig[] };
export type GateConfig = Omit<z.infer<typeof Config>, keyof Callers | keyof Documents> &
  Callers &
  Documents & {
    /** Paths that the settings name, which must exist in one of the two versions. */
    readonly named: readonly string[];
  };

const configFileOf = (tree: Tree): string | undefined =>
  CONFIG_FILES.find((file) => tree.read(file) !== undefined);

/** Whether a version has settings of its own. */
export const hasConfig = (tree: Tree): boolean => configFileOf(tree) !== undefined;

/**
 * The gate's settings in the compared version. Every key has a default; for callers and packages
 * it is the topology of that version.
 */
export function readGateConfig(tree: Tree): GateConfig {
  const file = configFileOf(tree);
  const text = file === undefined ? undefined : tree.read(file);
  let value: unknown = {};
  try {
    value = text === undefined ? {} : (parse(text) ?? {});
  } catch (error) {
    throw new GateError(`${file} is not YAML: ${(error as Error).message}`, {
      code: 'config-invalid',
      ...(file !== undefined && { file }),
    });
  }
  const parsed = Config.safeParse(value);
  if (parsed.success) {
    const { callers, packages, openapi, asyncapi, ...rest } = parsed.data;
    const derived = callersOf(tree);
    const config = {
      ...rest,
      openapi: openapi.map(withProvider),
      asyncapi: asyncapi.map(withProvider),
      callers: { ...derived.callers, ...callers },
      packages: { ...derived.packages, ...packages },
    };
    return { ...config, named: namedPaths(value as object, config) };
  }
  throw new GateError(`${file} is not valid: ${z.prettifyError(parsed.error)}`, {
    code: 'config-invalid',
    ...(file !== undefined && { file }),
  });
}

const withProvider = (document: z.infer<typeof Document>): DocumentConfig => ({
  ...document,
  provider: document.provider ?? posix.basename(document.file).replace(/\.[a-z]+$/, ''),
});

type Sections = Pick<GateConfig, 'avro' | 'protobuf' | 'openapi' | 'asyncapi' | 'jsonSchema'>;

/** A default that does not exist is no mistake; a path that the settings name is. */
function namedPaths(written: object, config: Sections): string[] {
  const paths: Readonly<Record<keyof Sections, readonly string[]>> = {
    avro: config.avro.map(({ folder }) => folder),
    protobuf: config.protobuf.map(({ module }) => module),
    openapi: config.openapi.map(({ file }) => file),
    asyncapi: config.asyncapi.map(({ file }) => file),
    jsonSchema: config.jsonSchema.map(({ path }) => path),
  };
  return (Object.keys(paths) as Array<keyof Sections>)
    .filter((section) => section in written)
    .flatMap((section) => paths[section]);
}

/** The file with the schema of a topic's messages, where a folder has one. */
export function schemaFileOf(
  tree: Tree,
  { avro }: Pick<GateConfig, 'avro'>,
  topic: string,
): string | undefined {
  return avro
    .map(({ folder }) => `${folder}/${topic}.avsc`)
    .find((file) => tree.read(file) !== undefined);
}
