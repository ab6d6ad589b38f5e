import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { AnswerSchema } from '../gate/answer/answer.ts';
import { type TestRepository, testRepository } from '../gate/repository.testkit.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const ID = { name: 'id', type: 'string' };
const record = (...fields: object[]) => ({ type: 'record', name: 'Event', fields });
const FILE = 'avro/order.events.avsc';

const run = ({ folder }: TestRepository, ...args: string[]) =>
  execa(process.execPath, [MAIN, 'gate', ...args], {
    cwd: folder,
    reject: false,
    env: { PACT_BROKER_BASE_URL: '' },
  });

describe('sagaproof gate', () => {
  it('exits with 0 and one sentence when the change is safe', async () => {
    using repository = testRepository({ [FILE]: record(ID) });
    const { exitCode, stdout } = await run(repository);
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
    expect(stdout).toMatch(
      /^can deploy the working tree next to HEAD, the first commit \(\w+\): yes/,
    );
    expect(stdout.split('\n')).toHaveLength(1);
  });

  it('exits with 1 and puts one object on standard output with --json', async () => {
    using repository = testRepository({ [FILE]: record(ID) });
    repository.write(FILE, record(ID, { name: 'note', type: 'string' }));
    const { exitCode, stdout } = await run(repository, '--json');
    expect(exitCode).toBe(1);
    expect(AnswerSchema.parse(JSON.parse(stdout))).toMatchObject({
      answer: 'no',
      findings: [{ rule: 'avro/field-required', file: FILE }],
    });
  });

  it('exits with 2 and names the cause when the check cannot run', async () => {
    using repository = testRepository({ [FILE]: record(ID) });
    const { exitCode, stdout, stderr } = await run(repository, '--base', 'nowhere', '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toHaveProperty('error');
    expect(stderr).toContain('no commit "nowhere"');
  });

  it.each([
    [['--base', 'main', '--against', 'prod'], /--against.*cannot be used with.*--base/],
    [['--against', ''], /no environment ""/],
    [['--registry', 'nowhere'], /--registry nowhere is not an http address/],
    [['--running', 'runs/none'], /runs\/none has no address book[\s\S]*pass the run folder/],
    [['--repo', '/nowhere'], /nowhere/],
    [['--sarif', 'no/such/folder/a.sarif'], /no\/such\/folder\/a.sarif/],
  ])('exits with 2 and names the cause for %j', async (args, cause) => {
    using repository = testRepository({ [FILE]: record(ID) });
    const { exitCode, stderr } = await run(repository, ...args);
    expect(stderr).toMatch(cause);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(exitCode).toBe(2);
  });

  it('writes JUnit and SARIF to the given files', async () => {
    using repository = testRepository({ [FILE]: record(ID) });
    repository.write(FILE, record());
    const { exitCode } = await run(repository, '--junit', 'a.xml', '--sarif', 'a.sarif');
    expect(exitCode).toBe(1);
    const read = (name: string) => readFileSync(join(repository.folder, name), 'utf8');
    expect(read('a.xml')).toContain('<failure type="avro/field-removed"');
    expect(JSON.parse(read('a.sarif')).runs[0].results).toHaveLength(1);
  });

  it('records a deployment and checks against it afterwards', async () => {
    using repository = testRepository({
      [FILE]: record(ID),
      'contracts/gate.yaml': 'callers: { order: [query] }',
    });
    const args = ['record-deployment', 'query', '1.2.1', '--to', 'prod'];
    expect(await run(repository, ...args)).toMatchObject({ exitCode: 0 });
    expect(existsSync(join(repository.folder, 'contracts', 'deployments.yaml'))).toBe(true);
    const { stdout } = await run(repository, '--against', 'prod');
    expect(stdout).toContain('can deploy the working tree to prod: yes');
  });

  it('warns when the Pact Broker is not queried', async () => {
    using repository = testRepository({ [FILE]: record(ID) });
    const { stderr } = await execa(process.execPath, [MAIN, 'gate'], {
      cwd: repository.folder,
      env: { PACT_BROKER_BASE_URL: 'http://127.0.0.1:9' },
    });
    expect(stderr).toContain('The Pact Broker was not queried');
  });

  it('exits with 2 when the Pact Broker does not answer', async () => {
    using repository = testRepository({
      [FILE]: record(ID),
      'contracts/gate.yaml': 'callers: { order: [query] }',
    });
    await run(repository, 'record-deployment', 'query', '1.2.1', '--to', 'prod');
    const args = ['--service', 'order', '--service-version', '1', '--against', 'prod'];
    const { exitCode, stderr } = await execa(process.execPath, [MAIN, 'gate', ...args], {
      cwd: repository.folder,
      env: { PACT_BROKER_BASE_URL: 'http://127.0.0.1:9' },
      reject: false,
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('the Pact Broker at http://127.0.0.1:9 does not answer');
  });
});
