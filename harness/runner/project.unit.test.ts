import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { INVARIANTS } from '../invariants/all.ts';
import { parseConfig } from '../testbed/config.ts';
import { loadProject } from './project.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'project-'));
  mkdirSync(join(folder, 'scenarios'));
  mkdirSync(join(folder, 'invariants'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = () =>
  loadProject({
    ...parseConfig({}, 'sagaproof.config.ts'),
    scenarios: [join(folder, 'scenarios')],
    invariants: [join(folder, 'invariants')],
  });
const putInvariant = (file: string, name: string) =>
  writeFileSync(
    join(folder, 'invariants', file),
    `export default { name: '${name}', promise: '', needs: [], reads: [], start: () => ({}) };`,
  );

describe('a project', () => {
  it("has the user's scenarios and invariants after Sagaproof's", async () => {
    writeFileSync(join(folder, 'scenarios', 'my-story.mts'), '');
    putInvariant('mine.mjs', 'mine');
    const { scenarios, invariants } = await load();
    expect(scenarios.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['happy-path', 'my-story']),
    );
    expect(invariants.map(({ name }) => name)).toEqual([
      ...INVARIANTS.map(({ name }) => name),
      'mine',
    ]);
  });

  it('refuses a scenario with a name of ours, and names both files', async () => {
    writeFileSync(join(folder, 'scenarios', 'happy-path.ts'), '');
    await expect(load()).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('two scenarios are named happy-path: '),
      fix: 'rename one of them',
    });
  });

  it('refuses an invariant with a name that is taken', async () => {
    putInvariant('again.mjs', 'no-oversell');
    await expect(load()).rejects.toMatchObject({
      message: expect.stringMatching(/again\.mjs: invariant no-oversell /),
      fix: 'rename one of them',
    });
  });

  it('says which module has no invariant, and how to write one', async () => {
    writeFileSync(join(folder, 'invariants', 'empty.mjs'), 'export default 1;');
    await expect(load()).rejects.toMatchObject({
      message: expect.stringMatching(/empty\.mjs has no invariant/),
      fix: expect.stringContaining('defineInvariant'),
    });
  });
});
