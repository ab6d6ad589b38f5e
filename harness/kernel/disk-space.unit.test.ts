import { describe, expect, it } from 'vitest';
import { orDiskFull, requireDiskSpace } from './disk-space.ts';

const MEBIBYTE = 1024 ** 2;
const FOLDER = '/somewhere/runs';
const FULL = /\/somewhere\/runs is full: \d+ MB left; free 256 MB there, or .*SAGAPROOF_RUNS_DIR/;

describe('the disk that runs are kept on', () => {
  it('is refused before a boot when it has too little left', () => {
    expect(() => requireDiskSpace(FOLDER, 255 * MEBIBYTE)).toThrow(FULL);
    expect(() => requireDiskSpace(FOLDER, 256 * MEBIBYTE)).not.toThrow();
  });

  it('is asked, also where the folder is not there yet', () => {
    expect(() => requireDiskSpace(`${import.meta.dirname}/not/there/yet`)).not.toThrow();
  });

  it.each([
    ['Node says so', Object.assign(new Error('ENOSPC: no space left on device, write'), {})],
    ['a server says so', new Error('could not write: No space left on device')],
    ['a quota is used up', new Error('EDQUOT: disk quota exceeded')],
    ['it is a cause', new Error('kafka did not come up', { cause: new Error('ENOSPC: x') })],
    ['it is one of several', new AggregateError([new Error('a'), new Error('ENOSPC')], 'two')],
    ['it is no error at all', 'No space left on device'],
  ])('is named when %s', (_what, error) => {
    expect(orDiskFull(error, FOLDER, 900 * MEBIBYTE)).toMatchObject({
      message: expect.stringMatching(FULL),
      cause: error,
    });
  });

  it('is named when nothing is left, whatever the error says', () => {
    const error = new Error('redis exited with code 1');
    expect(orDiskFull(error, FOLDER, MEBIBYTE)).toMatchObject({
      message: expect.stringMatching(FULL),
      cause: error,
    });
  });

  it('is not blamed for anything else', () => {
    const error = new Error('redis exited with code 1');
    expect(orDiskFull(error, FOLDER, 5 * MEBIBYTE)).toBe(error);
  });

  it('is reported once', () => {
    const reported = orDiskFull(new Error('ENOSPC'), FOLDER, MEBIBYTE);
    expect(orDiskFull(reported, FOLDER, MEBIBYTE)).toBe(reported);
  });
});
