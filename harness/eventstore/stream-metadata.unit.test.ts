import { describe, expect, it } from 'vitest';
import { DELETED_REVISION } from './store.ts';
import {
  firstVisibleRevision,
  isSoftDeleted,
  parseTruncation,
  softDeleteMetadata,
  undeleteMetadata,
} from './stream-metadata.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('stream metadata', () => {
  it('reads the keys that truncate and leaves the others alone', () => {
    const data = bytes('{"$maxCount":3,"$maxAge":60,"$tb":7,"$cacheControl":1,"ours":{}}');
    expect(parseTruncation(data)).toEqual({
      maxCount: 3n,
      maxAgeSeconds: 60n,
      truncateBefore: 7n,
    });
  });

  it.each([
    'no json',
    '[]',
    'null',
    '{"$maxCount":"3","$maxAge":1.5,"$tb":-1}',
    '{"$maxCount":0,"$maxAge":0}',
  ])('takes %s for no truncation', (text) => {
    expect(parseTruncation(bytes(text))).toEqual({});
  });

  it('recognises a soft delete although its number is beyond what JSON.parse keeps exact', () => {
    const truncation = parseTruncation(softDeleteMetadata());
    expect(truncation.truncateBefore).toBe(DELETED_REVISION);
    expect(isSoftDeleted(truncation)).toBe(true);
    expect(isSoftDeleted(parseTruncation(bytes('{"$tb":9007199254740991}')))).toBe(false);
  });

  it('brings a stream back from a revision on and keeps its other keys', () => {
    const data = undeleteMetadata(bytes(`{"$tb":${DELETED_REVISION},"$maxCount":2}`), 5n);
    expect(parseTruncation(data)).toEqual({ maxCount: 2n, truncateBefore: 5n });
  });

  it('shows from the later of what $tb and $maxCount allow', () => {
    expect(firstVisibleRevision({ maxCount: 2n }, 9n)).toBe(8n);
    expect(firstVisibleRevision({ maxCount: 20n }, 9n)).toBe(0n);
    expect(firstVisibleRevision({ truncateBefore: 9n, maxCount: 2n }, 9n)).toBe(9n);
    expect(firstVisibleRevision({ truncateBefore: 3n, maxCount: 2n }, 'no_stream')).toBe(3n);
  });
});
