import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect } from 'vitest';
import { ERRORS } from '#contracts/spec/errors/registry.ts';
import { readOpenapi } from './adapters/openapi.ts';

/** Reads a problem detail and checks that it is one, with nothing more in it than allowed. */
export async function problemOf(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const problem = (await response.json()) as Record<string, unknown>;
  const { components } = await readOpenapi();
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  ajv.addSchema({ $id: 'api', components });
  const matches = ajv.validate({ $ref: 'api#/components/schemas/Problem' }, problem);
  expect(ajv.errorsText(), 'the problem matches its schema').toBe('No errors');
  expect(matches).toBe(true);
  expect(problem['status']).toBe(response.status);
  expect(problem['title']).toBe(ERRORS[problem['code'] as keyof typeof ERRORS].title);
  expect(problem['traceId']).toBe(response.headers.get('x-trace-id'));
  return problem;
}
