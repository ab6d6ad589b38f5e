import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gate } from '../gate.ts';
import { GitRepository } from './git.ts';

const ORDER = { type: 'record', name: 'Order', fields: [{ name: 'id', type: 'string' }] };
const COLOUR = { name: 'colour', type: 'string' };

describe('the git base', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gate-test-'));
    git('init', '-q', '-b', 'main');
    writeSchema(ORDER);
    commit('first');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const git = (...args: string[]) =>
    execaSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
      cwd: folder,
    });
  const commit = (message: string) => {
    git('add', '-A');
    git('commit', '-q', '-m', message);
  };
  const writeSchema = (schema: object) => {
    mkdirSync(join(folder, 'avro'), { recursive: true });
    writeFileSync(join(folder, 'avro', 'order.events.avsc'), JSON.stringify(schema, null, 2));
  };
  const ask = (more: { base?: string; staged?: boolean } = {}) =>
    gate({ repository: folder, staged: false, ...more });

  it('says yes when nothing changed', async () => {
    expect(await ask()).toMatchObject({ answer: 'yes', findings: [] });
  });

  it('compares the working tree with the merge base of main', async () => {
    git('checkout', '-q', '-b', 'change');
    writeSchema({ ...ORDER, fields: [...ORDER.fields, COLOUR] });
    commit('a required field');
    const answer = await ask();
    expect(answer.answer).toBe('no');
    expect(answer.findings[0]).toMatchObject({
      rule: 'avro/field-required',
      file: 'avro/order.events.avsc',
      line: 10,
    });
    expect(await ask({ base: 'change' })).toMatchObject({ answer: 'yes' });
  });

  it('checks the index alone with --staged', async () => {
    writeSchema({ ...ORDER, fields: [COLOUR] });
    expect(await ask({ staged: true })).toMatchObject({ answer: 'yes' });
    git('add', '-A');
    expect(await ask({ staged: true })).toMatchObject({ answer: 'no' });
  });

  it('checks a transitive subject against every version in its history', async () => {
    writeSchema({ ...ORDER, fields: [] });
    commit('without the field');
    const optional = { name: 'id', type: 'int', default: 0 };
    writeSchema({ ...ORDER, fields: [optional] });
    const answer = await ask();
    expect(answer.answer).toBe('no');
    expect(answer.findings.map(({ rule }) => rule)).toContain('avro/type-changed');
  });

  it('does not change the index of the user', async () => {
    writeSchema({ ...ORDER, fields: [COLOUR] });
    const before = git('status', '--porcelain').stdout;
    await ask();
    expect(git('status', '--porcelain').stdout).toBe(before);
  });

  it('names a ref that git does not know, and the fix', async () => {
    await expect(ask({ base: 'nowhere' })).rejects.toMatchObject({
      message: expect.stringContaining('no commit "nowhere"') as string,
      fix: expect.stringContaining('git fetch') as string,
    });
  });

  it('names a folder that is in no repository', async () => {
    await expect(GitRepository.at(tmpdir())).rejects.toThrow(/not in a git repository/);
  });

  it('names a schema that does not parse', async () => {
    writeFileSync(join(folder, 'avro', 'order.events.avsc'), '{');
    await expect(ask()).rejects.toThrow('avro/order.events.avsc is not JSON');
  });
});
