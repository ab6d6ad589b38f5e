import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Mode } from '../avro/compatibility.ts';

/** Where the labelled changes are: data, files by format. */
export const CORPUS_FOLDER = fileURLToPath(
  new URL('../../../contracts/gate-corpus/', import.meta.url),
);

/** What a change does to those who run, proved by `prove.ts`. */
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
  /** Versions before the base's, whose messages somebody may still hold. */
  earlier: z.array(Module).default([]),
});
const DocumentCase = z.strictObject({ ...common, before: json, after: json });

const SHAPES = {
  avro: AvroCase,
  protobuf: ProtobufCase,
  openapi: DocumentCase,
  asyncapi: DocumentCase,
  topics: DocumentCase,
} as const;
export type CorpusFormat = keyof typeof SHAPES;
export const CORPUS_FORMATS = Object.keys(SHAPES) as CorpusFormat[];

export type AvroCase = Omit<z.infer<typeof AvroCase>, 'mode'> & { readonly mode: Mode };
export type ProtobufModule = z.infer<typeof Module>;
export type ProtobufCase = z.infer<typeof ProtobufCase>;
export type DocumentCase = z.infer<typeof DocumentCase>;
export type CorpusCase =
  | ({ readonly format: 'avro' } & AvroCase)
  | ({ readonly format: 'protobuf' } & ProtobufCase)
  | ({ readonly format: 'openapi' | 'asyncapi' | 'topics' } & DocumentCase);

/** Every labelled change. Throws when a file is not one: the measurement would be of less. */
export function readCorpus(folder: string = CORPUS_FOLDER): CorpusCase[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => {
      const format = CORPUS_FORMATS.find((name) => file.startsWith(`${name}-`));
      if (format === undefined) throw new Error(`${file}: the name tells no format`);
      const cases = z
        .array(SHAPES[format])
        .safeParse(parse(readFileSync(join(folder, file), 'utf8')));
      if (!cases.success) throw new Error(`${file}: ${z.prettifyError(cases.error)}`);
      return cases.data.map((it) => ({ format, ...it }) as CorpusCase);
    });
}
