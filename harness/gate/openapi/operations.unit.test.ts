import { describe, expect, it } from 'vitest';
import { SchemaDocument } from '../json-schema/document.ts';
import { HttpComparison } from './operations.ts';

type Json = Readonly<Record<string, unknown>>;
const ok = { '200': { description: 'ok' } };
const body = (schema: object, more: object = {}) => ({
  requestBody: { content: { 'application/json': { schema } }, ...more },
  responses: ok,
});
const answer = (schema: object, more: object = {}) => ({
  responses: { '200': { content: { 'application/json': { schema } }, ...more } },
});
const text = { type: 'string' };
const whole = { type: 'integer' };
const query = (more: object) => ({ name: 'page', in: 'query', schema: whole, ...more });

const rulesOf = (before: Json, after: Json, top: { before?: object; after?: object } = {}) => {
  const [old, now] = [
    { ...top.before, paths: { '/orders/{id}': { get: before } } },
    { ...top.after, paths: { '/orders/{id}': { get: after } } },
  ].map((document) => new SchemaDocument(JSON.stringify(document), 'openapi.yaml'));
  if (old === undefined || now === undefined) throw new Error('unreachable');
  return new HttpComparison(old, now).problems().map(({ rule }) => rule);
};

/** Rule, the old operation, a new one that breaks it, and a near one that does not. */
const CASES: ReadonlyArray<readonly [string, Json, Json, Json]> = [
  [
    'parameter-required',
    { responses: ok },
    { responses: ok, parameters: [query({ required: true })] },
    { responses: ok, parameters: [query({})] },
  ],
  [
    'request-type',
    { responses: ok, parameters: [query({})] },
    { responses: ok, parameters: [query({ schema: { type: 'boolean' } })] },
    { responses: ok, parameters: [query({ schema: { type: 'number' } })] },
  ],
  [
    'parameter-style',
    { responses: ok, parameters: [query({ schema: { type: 'array', items: text } })] },
    {
      responses: ok,
      parameters: [query({ schema: { type: 'array', items: text }, explode: false })],
    },
    {
      responses: ok,
      parameters: [query({ schema: { type: 'array', items: text }, explode: true })],
    },
  ],
  ['body-required', body(text), body(text, { required: true }), body(text, { required: false })],
  [
    'media-type-removed',
    body(text),
    { requestBody: { content: { 'text/csv': {} } }, responses: ok },
    { requestBody: { content: { '*/*': {} } }, responses: ok },
  ],
  ['request-type', body(whole), body(text), body({ type: 'number' })],
  ['response-type', answer(whole), answer({ type: 'number' }), answer({ ...whole, minimum: 0 })],
  [
    'status-added',
    { responses: ok },
    { responses: { ...ok, '202': {} } },
    { responses: ok, summary: 'x' },
  ],
  [
    'success-removed',
    { responses: { ...ok, '404': {} } },
    { responses: { '404': {} } },
    { responses: ok },
  ],
  [
    'response-media-type-removed',
    answer(text),
    { responses: { '200': { content: { 'text/csv': {} } } } },
    { responses: { '200': { content: { 'application/json': { schema: text }, 'text/csv': {} } } } },
  ],
  [
    'response-header-removed',
    answer(text, { headers: { 'X-Id': { required: true, schema: text } } }),
    answer(text, { headers: { 'X-Id': { schema: text } } }),
    answer(text, { headers: { 'x-id': { required: true, schema: text } } }),
  ],
  [
    'security-stricter',
    { responses: ok, security: [{ key: ['read'] }] },
    { responses: ok, security: [{ key: ['read', 'write'] }] },
    { responses: ok, security: [{ key: [] }] },
  ],
];

describe('the rules of OpenAPI', () => {
  it.each(CASES)('%s finds its change and leaves the nearest harmless one', (rule, ...three) => {
    const [before, breaking, harmless] = three;
    expect(rulesOf(before, breaking)).toContain(rule);
    expect(rulesOf(before, harmless)).toEqual([]);
  });

  it('reports a removed operation and base path', () => {
    const servers = (url: string) => ({ servers: [{ url }] });
    const moved = { before: servers('http://a/v1'), after: servers('http://a/v2') };
    expect(rulesOf({ responses: ok }, { responses: ok }, moved)).toEqual(['base-path-removed']);
    const other = { before: servers('http://a/v1'), after: servers('https://b/v1/') };
    expect(rulesOf({ responses: ok }, { responses: ok }, other)).toEqual([]);
  });

  it('reports a scheme of the same name with another mechanism', () => {
    const scheme = (type: string, more: object = {}) => ({
      components: { securitySchemes: { key: { type, in: 'header', name: 'key', ...more } } },
    });
    const operation = { responses: ok, security: [{ key: [] }] };
    const changed = { before: scheme('apiKey'), after: scheme('http') };
    expect(rulesOf(operation, operation, changed)).toEqual(['security-scheme-changed']);
    const described = { before: scheme('apiKey'), after: scheme('apiKey', { description: 'x' }) };
    expect(rulesOf(operation, operation, described)).toEqual([]);
  });

  it('accepts new members in responses only if the document declares open sets', () => {
    const [few, more] = [answer({ enum: ['A'] }), answer({ enum: ['A', 'B'] })];
    expect(rulesOf(few, more)).toEqual(['response-enum-value']);
    const open = { info: { 'x-open-sets': true } };
    expect(rulesOf(few, more, { before: open, after: open })).toEqual([]);
    // What clients were promised counts, not what the new document would have them promise.
    expect(rulesOf(few, more, { after: open })).toEqual(['response-enum-value']);
  });
});
