/** Reads models and SLO files, and names what is wrong with one. */
import { extname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { z } from 'zod';
import { SagaproofError } from '../../harness/kernel/errors.ts';
import { readRegularFile } from '../../harness/kernel/regular-file.ts';
import { nearest, unknownKeyMessage } from '../../harness/kernel/suggestion.ts';
import {
  type LoadModel,
  LoadModelSchema,
  type Slo,
  SloFileSchema,
  SloSchema,
} from './model-schema.ts';
import { MODELS } from './models.ts';
import { SLOS } from './slos.ts';

const EXTENSIONS = new Set(['.yaml', '.yml', '.json']);
const FILE_BYTES_MAX = 256 * 1024;

/**
 * A built-in model by its name, or a model from a YAML or JSON file.
 *
 * @throws SagaproofError `load-model-invalid` that names the file, the field and the fix
 */
export function readModel(nameOrFile: string): LoadModel {
  if (EXTENSIONS.has(extname(nameOrFile))) {
    return parsed(LoadModelSchema, contentOf(nameOrFile), nameOrFile);
  }
  const names = MODELS.map(({ name }) => name);
  const found = MODELS.find(({ name }) => name === nameOrFile);
  if (found !== undefined) return LoadModelSchema.parse(found);
  const suggestion = nearest(nameOrFile, names);
  throw new SagaproofError('unknown-name', `there is no load model "${nameOrFile}"`, {
    fix: suggestion
      ? `did you mean ${suggestion}?`
      : `use one of ${names.join(', ')}, or the path of a .yaml or .json file`,
  });
}

/** The limits that a model asks for: from this file, or built in. */
export function readSlo(name: string, file?: string): Slo {
  const known: Readonly<Record<string, unknown>> =
    file === undefined ? SLOS : parsed(SloFileSchema, contentOf(file), file);
  const slo = known[name];
  if (slo !== undefined) return SloSchema.parse(slo);
  throw new SagaproofError(
    'unknown-name',
    unknownKeyMessage(name, Object.keys(known), 'the SLOs'),
    {
      ...(file === undefined ? {} : { file }),
      fix: 'name an entry of the SLO file in `slo:`, or pass another file with --slos',
    },
  );
}

/** Checks changes to a model or an SLO, such as those of options. */
export const checkedModel = (model: unknown, where: string): LoadModel =>
  parsed(LoadModelSchema, model, where);
export const checkedSlo = (slo: unknown, where: string): Slo => parsed(SloSchema, slo, where);

function contentOf(path: string): unknown {
  const file = resolve(path);
  try {
    const bytes = readRegularFile(file);
    if (bytes.length > FILE_BYTES_MAX) throw new Error('it is too large for a model');
    return parse(bytes.toString('utf8'));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message.split('\n')[0];
    throw new SagaproofError('load-model-invalid', `${file} cannot be read: ${reason}`, {
      ...{ file, cause },
      fix: 'pass a YAML or JSON file; docs/reference/load-model.schema.json has its fields',
    });
  }
}

function parsed<T extends z.ZodType>(schema: T, content: unknown, where: string): z.infer<T> {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new SagaproofError('load-model-invalid', `${where}: ${describe(issue)}`, {
    file: where,
    fix: 'docs/reference/load-model.schema.json has every field and its limits',
  });
}

function describe(issue: z.core.$ZodIssue | undefined): string {
  const place = issue?.path.join('.') ?? '';
  const of = place === '' ? '' : `${place}: `;
  if (issue?.code === 'unrecognized_keys') return `${of}there is no field ${issue.keys.join(', ')}`;
  return `${of}${issue?.message ?? 'it is not valid'}`;
}
