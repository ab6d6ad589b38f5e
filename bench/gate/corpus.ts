import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Mode } from '../../harness/gate/avro/compatibility.ts';

/** Folder of the labelled changes, with files per format. */
export const CORPUS_FOLDER = fileURLToPath(new URL('./corpus/', import.meta.url));

/** What a change does to running services; `verify-label.ts` verifies it. */
export type Label = 'safe' | 'breaking';

const common = { name: z.string().min(1), label: z.enum(['safe', 'breaking']) };
const json = z.record(z.string(), z.unknown());
const AvroCase = z.strictObject({
  ...common,
  mode: z.string(),
  before: json,
  after: json,
  earlier: z.array(json).default([]),
});
/** The text of one `.proto` file without its heading, or whole files by name. */
const Module = z.union([z.string(), z.record(z.string(), z.string())]);
const ProtobufCase = z.strictObject({
  ...common,
  before: Module,
  after: Module,
  /** Versions before the base, whose messages a topic or service may still have. */
  earlier: z.array(Module).default([]),
});
const DocumentCase = z.strictObject({ ...common, before: json, after: json });
/** A JSON Schema change: shorthand for an OpenAPI document with one request or response. */
const SchemaCase = z.strictObject({
  ...common,
  way: z.enum(['sent', 'answered']),
  before: z.unknown(),
  after: z.unknown(),
  definitions: z.strictObject({ before: json, after: json }).optional(),
});

const Ask = z.strictObject({
  get: z.string(),
  status: z.int().default(200),
  /** A body of this shape is asked for. */
  like: json.optional(),
  comment: z.string().optional(),
});
const Served = z.strictObject({
  get: z.string(),
  status: z.int().default(200),
  body: json.optional(),
});
/** Versions are named with their service: `web 3`. */
const PactCase = z.strictObject({
  ...common,
  provider: z.string(),
  /** By version of a consumer: what it asks. */
  consumers: z.record(z.string(), z.array(Ask)),
  /** By version of the provider: what it answers; anything else is not found. */
  providers: z.record(z.string(), z.array(Served)),
  /** What runs in the target environment. */
  runs: z.array(z.string()).min(1),
  /** The version to deploy there. */
  comes: z.string(),
  /** The consumer whose pacts the repository has; default: the running or the new one. */
  holds: z.string().optional(),
  /** Pairs whose verification is recorded, in this order, with its real result. */
  verified: z.array(z.tuple([z.string(), z.string()])),
});

const SHAPES = {
  avro: AvroCase,
  protobuf: ProtobufCase,
  openapi: DocumentCase,
  asyncapi: DocumentCase,
  topics: DocumentCase,
  pact: PactCase,
} as const;
export type CorpusFormat = keyof typeof SHAPES;
export const CORPUS_FORMATS = Object.keys(SHAPES) as CorpusFormat[];
const SCHEMA_FILES = 'schema-';
const SECOND_FILES = '-second.yaml';

/** When a change was written: the second round is of 29 November 2026. */
export type Round = 'first' | 'second';

export type AvroCase = Omit<z.infer<typeof AvroCase>, 'mode'> & { readonly mode: Mode };
export type ProtobufModule = z.infer<typeof Module>;
export type ProtobufCase = z.infer<typeof ProtobufCase>;
export type DocumentCase = z.infer<typeof DocumentCase>;
export type Ask = z.infer<typeof Ask>;
export type Served = z.infer<typeof Served>;
export type PactCase = z.infer<typeof PactCase>;
export type CorpusCase = { readonly round: Round } & (
  | ({ readonly format: 'avro' } & AvroCase)
  | ({ readonly format: 'protobuf' } & ProtobufCase)
  | ({ readonly format: 'pact' } & PactCase)
  | ({ readonly format: 'openapi' | 'asyncapi' | 'topics' } & DocumentCase)
);

/** Every labelled change. Throws for an invalid file, which would otherwise go unmeasured. */
export function readCorpus(folder: string = CORPUS_FOLDER): CorpusCase[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => {
      const round: Round = file.endsWith(SECOND_FILES) ? 'second' : 'first';
      const content: unknown = parse(readFileSync(join(folder, file), 'utf8'));
      if (file.startsWith(SCHEMA_FILES)) {
        return casesOf(file, SchemaCase, content).map((it) => ({ round, ...documentCase(it) }));
      }
      const format = CORPUS_FORMATS.find((name) => file.startsWith(`${name}-`));
      if (format === undefined)
        throw new Error(`${file}: the file name starts with no known format`);
      const cases = casesOf(file, SHAPES[format] as z.ZodType<object>, content);
      return cases.map((it) => ({ round, format, ...it }) as CorpusCase);
    });
}

function casesOf<T>(file: string, shape: z.ZodType<T>, content: unknown): T[] {
  const cases = z.array(shape).safeParse(content);
  if (cases.success) return cases.data;
  throw new Error(`${file}: ${z.prettifyError(cases.error)}`);
}

function documentCase(change: z.infer<typeof SchemaCase>): { format: 'openapi' } & DocumentCase {
  const { name, label, way, definitions } = change;
  const documentOf = (version: 'before' | 'after') => {
    const content = { 'application/json': { schema: change[version] } };
    const sent = { requestBody: { content } };
    const answer = { description: 'ok', ...(way === 'answered' && { content }) };
    const operation = { ...(way === 'sent' && sent), responses: { 200: answer } };
    const schemas = definitions?.[version] ?? {};
    return { openapi: '3.1.0', paths: { '/': { post: operation } }, components: { schemas } };
  };
  return {
    format: 'openapi',
    name,
    label,
    before: documentOf('before'),
    after: documentOf('after'),
  };
}
