import { BSON, MongoNetworkError, MongoServerError } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { available } from './mongodb.ts';

const failing = (error: unknown) => available(() => Promise.reject(error));

describe('what an error of MongoDB means', () => {
  it.each([
    ['a document that is too large', new MongoServerError({ message: 'x', code: 10_334 })],
    ['a document that fails validation', new MongoServerError({ message: 'x', code: 121 })],
    ['a value that BSON cannot hold', new BSON.BSONError('key must not contain null bytes')],
  ])('refuses %s for good', async (_, error) => {
    await expect(failing(error)).rejects.toMatchObject({ name: 'UnstorableValue', cause: error });
  });

  it.each([
    ['a broken connection', new MongoNetworkError('reset')],
    ['a server that steps down', new MongoServerError({ message: 'x', code: 10_107 })],
  ])('is unavailable for %s', async (_, error) => {
    await expect(failing(error)).rejects.toMatchObject({ code: 'unavailable', cause: error });
  });

  it('passes a mistake of ours on', async () => {
    await expect(failing(new TypeError('x'))).rejects.toThrow(TypeError);
  });
});
