import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

  const wrong = { ...ORDER, fields: [...ORDER.fields, COLOUR] };

  it('names what it compared with, and says when nothing has changed', async () => {
    expect(await ask()).toMatchObject({
      answer: 'yes',
      sentence: expect.stringMatching(
        /next to HEAD, the first commit \([0-9a-f]{7}\): yes, no contract has changed$/,
      ) as string,
    });
  });

  it('finds a main branch that is called master', async () => {
    git('branch', '-m', 'master');
    git('checkout', '-q', '-b', 'change');
    writeSchema(wrong);
    commit('a required field');
    expect(await ask()).toMatchObject({
      answer: 'no',
      sentence: expect.stringContaining('next to the merge base with master (') as string,
    });
  });

  it('compares a push to the main branch with the commit before it', async () => {
    writeSchema(wrong);
    commit('a required field');
    const answer = await ask();
    expect(answer.answer).toBe('no');
    expect(answer.sentence).toContain('next to the commit before HEAD (');
    git('checkout', '-q', '--detach');
    expect(await ask()).toMatchObject({ answer: 'no' });
  });

  it('compares a new branch without commits with its beginning', async () => {
    writeSchema(wrong);
    commit('a required field');
    git('checkout', '-q', '-b', 'change');
    const { answer, sentence } = await ask();
    expect(answer).toBe('yes');
    expect(sentence).toMatch(/HEAD, where main is \(.*no contract has changed/);
  });

  it('follows a link to a folder of the repository in both versions', async () => {
    rmSync(join(folder, 'avro'), { recursive: true });
    mkdirSync(join(folder, 'api'), { recursive: true });
    const schema = join(folder, 'api', 'order.events.avsc');
    writeFileSync(schema, JSON.stringify(ORDER));
    symlinkSync('api', join(folder, 'avro'));
    commit('a link');
    writeFileSync(schema, JSON.stringify(wrong));
    expect(await ask()).toMatchObject({ answer: 'no' });
  });

  it('does not know what a link to elsewhere held', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'gate-elsewhere-'));
    rmSync(join(folder, 'avro'), { recursive: true });
    writeFileSync(join(elsewhere, 'order.events.avsc'), JSON.stringify(ORDER));
    symlinkSync(elsewhere, join(folder, 'avro'));
    commit('a link');
    writeFileSync(join(elsewhere, 'order.events.avsc'), JSON.stringify(wrong));
    const { answer, findings } = await ask({ base: 'HEAD' });
    rmSync(elsewhere, { recursive: true });
    expect([answer, findings[0]?.rule]).toEqual(['unknown', 'avro/not-available']);
  });

  it('compares the commits of a submodule, or does not know when they are not here', async () => {
    const library = mkdtempSync(join(tmpdir(), 'gate-library-'));
    const inLibrary = (...args: string[]) =>
      execaSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
        cwd: library,
      });
    const publish = (schema: object): void => {
      writeFileSync(join(library, 'order.events.avsc'), JSON.stringify(schema));
      inLibrary('add', '-A');
      inLibrary('commit', '-q', '-m', 'a schema');
    };
    inLibrary('init', '-q', '-b', 'main');
    publish(ORDER);
    git('rm', '-q', '-r', 'avro');
    git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'avro');
    commit('a submodule');
    publish(wrong);
    const own = { cwd: join(folder, 'avro') };
    execaSync('git', ['-c', 'protocol.file.allow=always', 'pull', '-q', 'origin', 'main'], own);
    expect(await ask()).toMatchObject({ answer: 'no' });
    commit('a newer submodule');
    rmSync(join(folder, 'avro'), { recursive: true });
    mkdirSync(join(folder, 'avro'));
    const { answer, findings } = await ask({ base: 'HEAD^' });
    rmSync(library, { recursive: true });
    expect([answer, findings[0]?.rule]).toEqual(['unknown', 'avro/not-available']);
  }, 60_000);

  it('refuses a clone of one commit, which has nothing to compare with', async () => {
    writeSchema(wrong);
    commit('a required field');
    const clone = mkdtempSync(join(tmpdir(), 'gate-clone-'));
    git('clone', '-q', '--depth', '1', `file://${folder}`, clone);
    const asked = gate({ repository: clone, staged: false });
    await expect(asked).rejects.toMatchObject({
      message: expect.stringContaining('one commit only') as string,
      fix: expect.stringContaining('fetch-depth: 0') as string,
    });
    rmSync(clone, { recursive: true });
  });

  it('does not know where there is nothing to compare', async () => {
    git('mv', 'avro', 'schemas');
    commit('elsewhere');
    writeFileSync(join(folder, 'README.md'), 'x');
    const { answer, findings } = await ask();
    expect(answer).toBe('unknown');
    expect(findings[0]).toMatchObject({
      rule: 'gate/nothing-to-compare',
      fix: expect.stringContaining('gate init') as string,
    });
  });

  it('names a folder that is in no repository', async () => {
    await expect(GitRepository.at(tmpdir())).rejects.toThrow(/not in a git repository/);
  });

  it('names a schema that does not parse', async () => {
    writeFileSync(join(folder, 'avro', 'order.events.avsc'), '{');
    const { answer, sentence } = await ask();
    expect(answer).toBe('unknown');
    expect(sentence).toContain('avro/order.events.avsc is not JSON');
  });
});
