import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import avsc from 'avsc';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { recordDeployment } from './deployments.ts';
import { gate } from './gate.ts';
import { pactsOf } from './pact/pacts.ts';
import { recordVerification } from './pact/record.ts';
import { fingerprintOf } from './recorded/recorded.ts';
import { type TestRepository, testRepository } from './repository.testkit.ts';
import { folderTree } from './sources/tree.ts';

const SCHEMA = 'avro/order.events.avsc';
const ID = { name: 'id', type: 'string' };
const NOTE = { name: 'note', type: 'string' };
const record = (...fields: object[]) => ({ type: 'record', name: 'Event', fields });
const TOPICS = stringify({
  compatibilityDefault: 'FULL',
  deadLetter: { partitions: 1, retentionMs: -1 },
  topics: [
    {
      name: 'order.events',
      key: 'id',
      partitions: 3,
      retentionMs: -1,
      compatibility: 'FULL',
      producers: ['order'],
      consumers: ['query', 'notification'],
    },
  ],
});
const CONTRACTS = { [SCHEMA]: record(ID, NOTE), 'contracts/spec/topics.yaml': TOPICS };

const ask = (repository: TestRepository, more: object = {}) =>
  gate({ repository: repository.folder, staged: false, ...more });

describe('an environment as the base', () => {
  it('names the deployed versions that break, and only those', async () => {
    using repository = testRepository(CONTRACTS);
    repository.write('README.md', 'x');
    const commit = repository.commit('second');
    recordDeployment(repository.folder, 'prod', { service: 'query', version: '1.2.1', commit });
    repository.write(SCHEMA, record(ID));
    const question = { service: 'order', version: '1.4.0', against: 'prod' };
    const answer = await ask(repository, question);
    expect(answer.sentence).toBe(
      'can deploy order 1.4.0 to prod: no, query 1.2.1 cannot read order.events of the working tree (field "note" of Event is gone, and readers need it)',
    );
    expect(answer.findings.map(({ breaks }) => breaks)).toEqual([['query 1.2.1']]);
  });

  it('ignores a service that the change does not affect', async () => {
    using repository = testRepository(CONTRACTS);
    repository.write('README.md', 'x');
    const commit = repository.commit('second');
    const deployed = { service: 'notification', version: '2.0.0', commit };
    recordDeployment(repository.folder, 'prod', deployed);
    repository.write(SCHEMA, record(ID));
    const answer = await ask(repository, { service: 'query', version: '1', against: 'prod' });
    expect(answer).toMatchObject({ answer: 'yes', compared: ['notification 2.0.0'] });
  });

  it('names an unknown environment with the known ones, and an unknown service', async () => {
    using repository = testRepository(CONTRACTS);
    repository.write('README.md', 'x');
    const commit = repository.commit('second');
    recordDeployment(repository.folder, 'prod', { service: 'query', version: '1', commit });
    await expect(ask(repository, { against: 'prd' })).rejects.toThrow(/"prd" \(did you mean prod/);
    await expect(ask(repository, { service: 'odrer' })).rejects.toThrow(/service "odrer"/);
  });
});

describe('recorded messages', () => {
  const recorded = (schema: object, value: object) => {
    const bytes = avsc.Type.forSchema(schema as avsc.Schema).toBuffer(value);
    const wire = Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), bytes]);
    const fingerprint = fingerprintOf(schema);
    const message = { topic: 'order.events', eventType: 'Event', fingerprint };
    return [
      { kind: 'schema', fingerprint, schema },
      { kind: 'message', ...message, value: wire.toString('base64') },
    ]
      .map((line) => JSON.stringify(line))
      .join('\n');
  };
  const FILE = 'contracts/corpus/order.events.jsonl';

  it('must be readable by the new schema', async () => {
    const old = record(ID);
    using repository = testRepository({ ...CONTRACTS, [FILE]: recorded(old, { id: 'a' }) });
    const answer = await ask(repository);
    expect(answer.answer).toBe('no');
    expect(answer.findings[0]).toMatchObject({
      rule: 'recorded/unreadable',
      file: FILE,
      line: 2,
      breaks: ['the new query', 'the new notification'],
    });
  });

  it('reveal a rule that says safe when decoding fails', async () => {
    const cut = recorded(record(ID, NOTE), { id: 'a', note: 'b' }).replace(
      /"[A-Za-z0-9+/=]+"}$/,
      '"AAAAAAE="}',
    );
    using repository = testRepository({ ...CONTRACTS, [FILE]: cut });
    const answer = await ask(repository);
    expect(answer.findings.map(({ rule }) => rule)).toEqual(['recorded/rule-says-safe']);
  });

  it('add no finding while every reader can read them', async () => {
    const message = recorded(record(ID, NOTE), { id: 'a', note: 'b' });
    using repository = testRepository({ ...CONTRACTS, [FILE]: message });
    expect(await ask(repository)).toMatchObject({ answer: 'yes' });
  });

  it('are named by line when they are invalid', async () => {
    using repository = testRepository({ ...CONTRACTS, [FILE]: '\n{"kind":"message"}' });
    await expect(ask(repository)).rejects.toThrow('contracts/corpus/order.events.jsonl:2');
  });
});

describe('pacts', () => {
  const FILE = 'contracts/pacts/web-order.json';
  const pact = (interactions: object[]) => ({
    consumer: { name: 'query' },
    provider: { name: 'order' },
    interactions,
  });
  const result = { consumer: 'query', provider: 'order', providerVersion: '1.4.0' };
  const verify = ({ folder }: TestRepository, success: boolean) =>
    recordVerification(folderTree(folder, 'x'), 'contracts/pacts', { ...result, success });

  it('that have changed are unknown until a verification is recorded', async () => {
    using repository = testRepository({ ...CONTRACTS, [FILE]: pact([]) });
    expect(await ask(repository)).toMatchObject({ answer: 'yes' });
    repository.write(FILE, pact([{ description: 'more' }]));
    const unknown = await ask(repository);
    expect(unknown.answer).toBe('unknown');
    expect(unknown.sentence).toContain('sagaproof contracts verify order');
    verify(repository, false);
    expect(await ask(repository)).toMatchObject({ answer: 'no' });
    verify(repository, true);
    expect(await ask(repository)).toMatchObject({ answer: 'yes' });
  });

  it('of the running version must be verified with the new version', async () => {
    using repository = testRepository({ ...CONTRACTS, [FILE]: pact([]) });
    repository.write('README.md', 'x');
    const commit = repository.commit('second');
    recordDeployment(repository.folder, 'prod', { service: 'query', version: '7', commit });
    const question = { service: 'order', version: '1.4.0', against: 'prod' };
    expect(await ask(repository, question)).toMatchObject({ answer: 'unknown' });
    verify(repository, true);
    expect(await ask(repository, question)).toMatchObject({ answer: 'yes' });
    const next = { ...question, version: '1.5.0' };
    expect(await ask(repository, next)).toMatchObject({ answer: 'unknown' });
  });

  it('are the same pact when only its metadata differs', () => {
    using repository = testRepository({ [FILE]: pact([]) });
    const digest = () => pactsOf(folderTree(repository.folder, 'x'), 'contracts/pacts')[0]?.digest;
    const before = digest();
    repository.write(FILE, { ...pact([]), metadata: { pactJs: { version: '17' } } });
    expect(digest()).toBe(before);
  });
});

describe('a registry', () => {
  it('that does not answer is an error with its address', async () => {
    using repository = testRepository(CONTRACTS);
    const question = { registry: 'http://127.0.0.1:9' };
    await expect(ask(repository, question)).rejects.toThrow(/127.0.0.1:9 does not answer/);
    await expect(ask(repository, { registry: 'localhost' })).rejects.toThrow(/not an http address/);
  });
});

describe('what cannot be read', () => {
  it.each([
    [
      'contracts/spec/openapi.yaml',
      "swagger: '2.0'\npaths: {}\n",
      /is OpenAPI 2.0, and the gate reads/,
    ],
    [
      'contracts/spec/openapi.yaml',
      'openapi: 4.0.0\npaths: {}\n',
      /is OpenAPI 4.0.0, and the gate/,
    ],
    [
      'contracts/spec/asyncapi.yaml',
      'asyncapi: 1.2.0\nchannels: {}\n',
      /is AsyncAPI 1.2.0, and the gate/,
    ],
    [SCHEMA, '{"type": "record"', /order.events.avsc/],
    [
      'contracts/spec/openapi.yaml',
      'openapi: 3.1.0\npaths: { $ref: ./gone.yaml }\n',
      /gone.yaml.* is referred to, and it is missing/,
    ],
    [
      'contracts/spec/openapi.yaml',
      'openapi: 3.1.0\npaths: { $ref: "https://example.org/paths.yaml" }\n',
      /on the web, and the gate is offline/,
    ],
  ])('is unknown, never a yes: %s of %j', async (file, text, reason) => {
    using repository = testRepository({ ...CONTRACTS, [file]: text });
    repository.write(file, `${text} `);
    const answer = await ask(repository);
    expect(answer.answer).toBe('unknown');
    expect(answer.sentence).toMatch(reason);
  });

  it('is unknown where only the change refers to itself', async () => {
    const file = 'contracts/spec/openapi.yaml';
    const document = (properties: object, schemas: object) => {
      const content = { 'application/json': { schema: { type: 'object', properties } } };
      const post = { requestBody: { content }, responses: { 200: { description: 'ok' } } };
      return { openapi: '3.1.0', paths: { '/o': { post } }, components: { schemas } };
    };
    using repository = testRepository({ ...CONTRACTS, [file]: document({}, {}) });
    const [a, b] = ['#/components/schemas/A', '#/components/schemas/B'];
    repository.write(file, document({ n: { $ref: a } }, { A: { $ref: b }, B: { $ref: a } }));
    const { answer, sentence } = await ask(repository);
    expect(answer).toBe('unknown');
    expect(sentence).toContain('refers to itself');
  });

  it.each([
    ['contracts/spec/topics.yaml', 'topics: 3', /topics.yaml/],
    ['contracts/gate.yaml', 'avor: {}', /gate.yaml is not valid[\s\S]*avor/],
  ])('is refused where the whole comparison depends on it: %s of %j', async (file, text, error) => {
    using repository = testRepository({ ...CONTRACTS, [file]: text });
    repository.write(file, `${text} `);
    await expect(ask(repository)).rejects.toThrow(error);
  });

  it('does not hide what breaks elsewhere', async () => {
    const openapi = 'contracts/spec/openapi.yaml';
    using repository = testRepository({ ...CONTRACTS, [openapi]: "swagger: '2.0'\n" });
    repository.write(openapi, "swagger: '2.0'\npaths: {}\n");
    repository.write(SCHEMA, record(ID));
    const answer = await ask(repository);
    expect(answer.answer).toBe('no');
    expect(answer.findings.map(({ rule }) => rule)).toEqual([
      'avro/field-removed',
      'openapi/unreadable',
    ]);
  });

  it('is an environment in which nothing runs', async () => {
    using repository = testRepository({
      ...CONTRACTS,
      'contracts/deployments.yaml': stringify({ environments: { prod: {} } }),
    });
    await expect(ask(repository, { against: 'prod' })).rejects.toThrow(/nothing runs in "prod"/);
  });
});

describe('recording a deployment', () => {
  it('changes one line and keeps the others', () => {
    using repository = testRepository(CONTRACTS);
    const commit = 'a'.repeat(40);
    const say = (service: string, version: string) =>
      recordDeployment(repository.folder, 'prod', { service, version, commit });
    say('query', '1');
    say('order', '2');
    say('query', '3');
    const text = readFileSync(join(repository.folder, 'contracts/deployments.yaml'), 'utf8');
    expect(text).toContain('query: { version: "3"');
    expect(text).toContain('order: { version: "2"');
    expect(text).not.toContain('"1"');
  });
});
