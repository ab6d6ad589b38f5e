import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { initFolder } from './init.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'init-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, text: string) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const configOf = () => readdirSync(folder).filter((name) => name.startsWith('sagaproof.config'));

describe('sagaproof init', () => {
  it.each([
    ['an empty folder', {}, 'sagaproof.config.mts'],
    ['TypeScript, ESM', { 'package.json': '{"type":"module"}' }, 'sagaproof.config.ts'],
    [
      'TypeScript, CommonJS',
      { 'package.json': '{"type":"commonjs"}', 'tsconfig.json': '{}', 'src/index.js': '' },
      'sagaproof.config.mts',
    ],
    [
      'JavaScript, ESM',
      { 'package.json': '{"type":"module"}', 'src/index.js': '' },
      'sagaproof.config.js',
    ],
    ['JavaScript, CommonJS', { 'package.json': '{}', 'index.js': '' }, 'sagaproof.config.mjs'],
  ])('writes modules that Node reads in %s', (_, files, config) => {
    for (const [path, text] of Object.entries(files)) put(path, text);
    const { written } = initFolder(folder);
    expect(configOf()).toEqual([config]);
    expect(written).toContain(config);
  });

  it('changes nothing the second time, and says what it kept', () => {
    const first = initFolder(folder);
    const second = initFolder(folder);
    expect(second).toMatchObject({ written: [], kept: first.written });
  });

  it('keeps a configuration of another spelling, and a .gitignore', () => {
    put('package.json', '{"type":"module"}');
    put('sagaproof.config.js', '// mine');
    put('.gitignore', 'dist/\n');
    const { kept, next } = initFolder(folder);
    expect(configOf()).toEqual(['sagaproof.config.js']);
    expect(readFileSync(join(folder, 'sagaproof.config.js'), 'utf8')).toBe('// mine');
    expect(kept).toEqual(['sagaproof.config.js', '.gitignore']);
    expect(next[0]).toBe('add runs/ to .gitignore');
  });

  it.each([
    ['is not JSON', '{'],
    ['is not an object', '[]'],
    ['has a field of a wrong type', '{"dependencies":3}'],
  ])('refuses a package.json that %s, with its path', (_, text) => {
    put('package.json', text);
    const file = join(folder, 'package.json');
    expect(() => initFolder(folder)).toThrow(`${file} is not a valid package.json: `);
  });
});
