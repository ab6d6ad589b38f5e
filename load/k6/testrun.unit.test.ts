import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { MODELS } from '../model/models.ts';

const FOLDER = new URL('../../helm/load/', import.meta.url);
/** What the scripts read; a name that they do not know would be ignored silently. */
const VARIABLES = new Set(
  [
    ...readFileSync(new URL('./load.ts', import.meta.url), 'utf8').matchAll(
      /(?:env\(|__ENV\[)'([A-Z_]+)'/g,
    ),
  ].map(([, name]) => name),
);

interface TestRun {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly script: { readonly configMap: { readonly name: string; readonly file: string } };
    readonly runner: {
      readonly env: ReadonlyArray<{ readonly name: string; readonly value?: string }>;
    };
  };
}

it.each(readdirSync(FOLDER).filter((name) => name.endsWith('.yaml')))(
  'the TestRun %s plays a model with variables that the scripts read',
  (file) => {
    const { kind, metadata, spec } = parse(readFileSync(new URL(file, FOLDER), 'utf8')) as TestRun;
    const model = basename(file, '.yaml');
    expect(kind).toBe('TestRun');
    expect(MODELS.map(({ name }) => name)).toContain(model);
    expect(metadata.name).toBe(`sagaproof-load-${model}`);
    expect(spec.script.configMap).toEqual({ name: metadata.name, file: 'archive.tar' });
    const { env } = spec.runner;
    expect(env.find(({ name }) => name === 'MODEL')?.value).toBe(model);
    for (const { name } of env) expect(VARIABLES).toContain(name);
  },
);
