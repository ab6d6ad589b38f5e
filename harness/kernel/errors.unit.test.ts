import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeError, SagaproofError } from './errors.ts';

it('describes an error with its code, file and fix', () => {
  const error = new SagaproofError('usage', 'no run is named', { file: 'a:1', fix: 'name one' });
  expect(describeError(error)).toEqual({
    code: 'usage',
    message: 'no run is named',
    file: 'a:1',
    fix: 'name one',
  });
  expect(describeError(new SagaproofError('timeout', 'slow'))).toEqual({
    code: 'timeout',
    message: 'slow',
  });
});

it('names the file that cannot be read', () => {
  let thrown: unknown;
  try {
    readFileSync('/no/such/file');
  } catch (error) {
    thrown = error;
  }
  expect(describeError(thrown)).toMatchObject({ code: 'file-unreadable', file: '/no/such/file' });
});

it('asks for a report when no code fits', () => {
  expect(describeError(new TypeError('x is undefined'))).toMatchObject({
    code: 'internal',
    message: 'x is undefined',
    fix: expect.stringContaining('SAGAPROOF_DEBUG') as string,
  });
  expect(describeError('text')).toMatchObject({ code: 'internal', message: 'text' });
});
