import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configFileIn, workspaceFolder } from './workspace.ts';

let root: string;
let deep: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'workspace-'));
  deep = join(root, 'packages', 'orders', 'src');
  mkdirSync(deep, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (...path: string[]) => writeFileSync(join(root, ...path), '{}');

describe('the workspace', () => {
  it('is the nearest folder upwards with a configuration, past nearer packages', () => {
    put('sagaproof.config.ts');
    put('packages', 'orders', 'package.json');
    expect(workspaceFolder(deep)).toBe(root);
  });

  it('is the nearest package when nothing is configured', () => {
    put('package.json');
    put('packages', 'orders', 'package.json');
    expect(workspaceFolder(deep)).toBe(join(root, 'packages', 'orders'));
  });

  it('is the root of the Git repository when there is no package', () => {
    mkdirSync(join(root, '.git'));
    expect(workspaceFolder(deep)).toBe(root);
  });

  it('has a configuration in any of the four spellings', () => {
    expect(configFileIn(root)).toBeUndefined();
    put('sagaproof.config.mjs');
    expect(configFileIn(root)).toBe(join(root, 'sagaproof.config.mjs'));
  });
});
