import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { gate } from '../gate.ts';
import { type TestRepository, testRepository } from '../repository.testkit.ts';
import { GitRepository } from '../sources/git.ts';
import { initGate } from './init.ts';

const LINE = { type: 'record', name: 'Line', namespace: 'shop', fields: [] as object[] };
const ORDER = {
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  fields: [{ name: 'line', type: 'shop.Line' }],
};
const IDL = '@namespace("shop") protocol Shop { record Paid { string id; decimal(9, 2) sum; } }';
const PROTO = `syntax = "proto3";
package shop.v1;
import "google/type/money.proto";
import "validate/validate.proto";
message Price { google.type.Money sum = 1 [(validate.rules).message.required = true]; }
`;
const OPENAPI = `openapi: 3.0.3
paths:
  /orders: { $ref: paths/orders.yaml }
`;
const PATHS = (type: string) => `post:
  requestBody: { content: { application/json: { schema: { $ref: ../models.yaml#/Order } } } }
  responses: { 200: { description: ok } }
# ${type}
`;
const MODELS = (type: string) => `Order: { type: object, properties: { n: { type: ${type} } } }\n`;
const ASYNCAPI = `asyncapi: 2.6.0
channels:
  order-events_v1: { subscribe: { message: { payload: { $ref: payload.json } } } }
`;
const PAYLOAD = (type: string) => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: { n: { type } },
});
const FILES = {
  'schemas/line.avsc': LINE,
  'schemas/order.avsc': ORDER,
  'schemas/shop.avdl': IDL,
  'api/buf.yaml':
    'version: v2\nmodules: [{ path: proto }]\ndeps: [buf.build/googleapis/googleapis]\n',
  'api/proto/shop/v1/price.proto': PROTO,
  'docs/openapi.yaml': OPENAPI,
  'docs/paths/orders.yaml': PATHS('a'),
  'docs/models.yaml': MODELS('number'),
  'events/asyncapi.yml': ASYNCAPI,
  'events/payload.json': PAYLOAD('number'),
  'tests/fixtures/openapi.yaml': 'openapi: 3.0.0\npaths: {}\n',
};

const initialize = async ({ folder }: TestRepository, force = false) =>
  initGate(await GitRepository.at(folder), { force });
const ask = ({ folder }: TestRepository) => gate({ repository: folder, staged: false });
const rulesAfter = async (change: Readonly<Record<string, string | object>>) => {
  using repository = testRepository(FILES);
  await initialize(repository);
  repository.commit('settings');
  for (const [path, content] of Object.entries(change)) repository.write(path, content);
  const { answer, findings } = await ask(repository);
  return [answer, ...new Set(findings.map(({ rule }) => rule))];
};

describe('the settings that gate init writes', () => {
  it('name every schema and contract of the repository, and no test fixture', async () => {
    using repository = testRepository(FILES);
    const { file } = await initialize(repository);
    expect(parse(readFileSync(join(repository.folder, file), 'utf8'))).toEqual({
      avro: [{ folder: 'schemas', mode: 'BACKWARD', subjects: 'record' }],
      protobuf: [{ module: 'api/proto' }],
      openapi: [{ file: 'docs/openapi.yaml' }],
      asyncapi: [{ file: 'events/asyncapi.yml' }],
      jsonSchema: [{ path: 'events/payload.json', mode: 'BACKWARD' }],
    });
    expect(await ask(repository)).toMatchObject({
      answer: 'yes',
      sentence: expect.stringContaining('no contract has changed') as string,
    });
  });

  it('are not replaced without --force', async () => {
    using repository = testRepository(FILES);
    await initialize(repository);
    await expect(initialize(repository)).rejects.toThrow('gate.yaml exists');
    expect(await initialize(repository, true)).toMatchObject({ file: 'gate.yaml' });
  });

  it('are refused where there is nothing to compare', async () => {
    using repository = testRepository({ 'README.md': 'x' });
    await expect(initialize(repository)).rejects.toThrow('no schema or contract');
  });

  it('name a path that does not exist: unknown', async () => {
    using repository = testRepository({ ...FILES, 'gate.yaml': 'openapi: [{ file: api.yaml }]' });
    const { answer, findings } = await ask(repository);
    expect(answer).toBe('unknown');
    expect(findings[0]).toMatchObject({ rule: 'gate/path-missing', subject: 'api.yaml' });
  });
});

describe('a change in a repository with another layout', () => {
  it('of a schema that another one refers to', async () => {
    const line = { ...LINE, fields: [{ name: 'sku', type: 'string' }] };
    expect(await rulesAfter({ 'schemas/line.avsc': line })).toEqual(['no', 'avro/field-required']);
  });

  it('of a type in Avro IDL', async () => {
    const idl = IDL.replace('9, 2', '9, 3');
    const found = await rulesAfter({ 'schemas/shop.avdl': idl });
    expect(found).toEqual(['no', 'avro/logical-type-changed']);
  });

  it('of a module whose imports are not in the repository', async () => {
    const proto = PROTO.replace('= 1 [', '= 2 [');
    const [answer, ...rules] = await rulesAfter({ 'api/proto/shop/v1/price.proto': proto });
    expect(answer).toBe('no');
    expect(rules.join()).toContain('protobuf/field-no-delete');
  });

  it('of a file that an OpenAPI document refers to', async () => {
    const found = await rulesAfter({ 'docs/models.yaml': MODELS('integer') });
    expect(found).toEqual(['no', 'openapi/request-type']);
  });

  it('of a comment in such a file', async () => {
    expect(await rulesAfter({ 'docs/paths/orders.yaml': PATHS('b') })).toEqual(['yes']);
  });

  it('of a file that an AsyncAPI document refers to', async () => {
    const found = await rulesAfter({ 'events/payload.json': PAYLOAD('string') });
    expect(found).toEqual(['no', 'asyncapi/send-type', 'json-schema/type']);
  });

  it('of a document that leaves the settings together with its file', async () => {
    using repository = testRepository(FILES);
    await initialize(repository);
    repository.commit('settings');
    repository.remove('docs/openapi.yaml');
    await initialize(repository, true);
    const { answer, findings } = await ask(repository);
    expect(answer).toBe('no');
    expect(findings[0]).toMatchObject({ rule: 'openapi/document-removed' });
  });
});
