import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readRegularFile } from './regular-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'regular-file-'));
const pipe = join(folder, 'pipe');
execFileSync('mkfifo', [pipe]);
afterAll(() => rmSync(folder, { recursive: true }));

describe('reading a regular file', () => {
  it('gives its bytes', () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'text');
    expect(readRegularFile(file).toString()).toBe('text');
  });

  it.each([
    ['a pipe without a writer', pipe, 'it is a pipe, not a regular file'],
    ['an endless device', '/dev/zero', 'it is a device, not a regular file'],
    ['a folder', folder, 'it is a folder, not a regular file'],
  ])('refuses %s at once', (_, path, message) => {
    expect(() => readRegularFile(path)).toThrow(message);
  });
});
