import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import {
  documentJsonSchema,
  JSON_DOCUMENTS,
  type JsonDocument,
  jsonSchemaFile,
} from './json-documents.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

it.each(Object.keys(JSON_DOCUMENTS) as JsonDocument[])(
  'the schema of %s in docs/reference is up to date (else run pnpm generate)',
  (name) => {
    expect(readFileSync(`${root}${jsonSchemaFile(name)}`, 'utf8')).toBe(documentJsonSchema(name));
  },
);

it('refuses a document that no command prints', () => {
  expect(JSON_DOCUMENTS.status.safeParse({ stacks: [{ runId: 'x' }] }).success).toBe(false);
  expect(JSON_DOCUMENTS.error.safeParse({ error: 'no' }).success).toBe(false);
});
