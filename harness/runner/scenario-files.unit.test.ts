import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  findScenarios,
  pickScenarios,
  SCENARIO_FOLDERS,
  UnknownScenario,
} from './scenario-files.ts';

describe('scenarios in folders', () => {
  let folder = '';
  const put = (...path: readonly string[]) => {
    const file = join(folder, ...path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '');
    return file;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'scenarios-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are their modules, sorted by name; tests, types, helpers and data are none', () => {
    put('a', 'two.ts');
    put('a', 'one.js');
    put('b', 'three.mjs');
    for (const other of ['one.unit.test.ts', 'x.testkit.ts', 'y.d.ts', 'bugs.yaml']) {
      put('a', other);
    }
    put('a', 'helpers', 'z.ts');
    const found = findScenarios([join(folder, 'a'), join(folder, 'b')]);
    expect(found.map(({ name }) => name)).toEqual(['one', 'three', 'two']);
    expect(found[2]?.path).toBe(join(folder, 'a', 'two.ts'));
  });

  it('must differ in name', () => {
    put('c', 'same.ts');
    put('d', 'same.ts');
    expect(() => findScenarios([join(folder, 'c'), join(folder, 'd')])).toThrow(
      /two scenarios are named same: .*c.*same.ts and .*d.*same.ts/,
    );
  });

  it('of this repository are found', () => {
    expect(findScenarios(SCENARIO_FOLDERS).map(({ name }) => name)).toContain('happy-path');
  });
});

describe('patterns', () => {
  const files = ['cancel-a', 'cancel-b', 'happy-path'].map((name) => ({ name, path: name }));
  const pick = (...patterns: readonly string[]) =>
    pickScenarios(files, patterns).map(({ name }) => name);

  it('pick by name and by glob, each scenario once', () => {
    expect(pick('cancel-*', 'cancel-a')).toEqual(['cancel-a', 'cancel-b']);
    expect(pick('happy-pat?')).toEqual(['happy-path']);
  });

  it('pick all if there are none', () => {
    expect(pick()).toEqual(['cancel-a', 'cancel-b', 'happy-path']);
  });

  it('that match nothing are refused with the nearest name', () => {
    expect(() => pick('hapy-path')).toThrow(UnknownScenario);
    expect(() => pick('hapy-path')).toThrow('did you mean happy-path?');
  });
});
