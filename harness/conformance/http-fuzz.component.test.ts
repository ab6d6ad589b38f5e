import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { provisionHttpFuzzer } from '../provision/http-fuzzer.ts';
import { runHttpFuzz } from './http-fuzz.ts';

const TOKEN = 'a-good-token';
const INSTALL_MS = 300_000;

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const problem = {
  description: 'refused',
  content: { 'application/problem+json': { schema: { type: 'object', required: ['status'] } } },
};
const operation = (operationId: string) => ({
  post: {
    operationId,
    requestBody: {
      required: true,
      ...json({
        ...{ type: 'object', additionalProperties: false, required: ['name'] },
        properties: { name: { type: 'string', minLength: 1, maxLength: 20 } },
      }),
    },
    responses: {
      '200': {
        description: 'noted',
        ...json({
          ...{ type: 'object', required: ['length'] },
          properties: { length: { type: 'integer' } },
        }),
      },
      default: problem,
    },
  },
});

/** One operation that passes every check, and others that each fail one. */
const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'names', version: '1.0.0' },
  security: [{ token: [] }],
  paths: {
    '/good': operation('good'),
    '/crashes': operation('crashes'),
    '/mistypes': operation('mistypes'),
    '/believes': operation('believes'),
    '/admits': operation('admits'),
  },
  components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
};

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function nameIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { name, ...rest } = body as Record<string, unknown>;
  const isName = typeof name === 'string' && name !== '' && [...name].length <= 20;
  return isName && Object.keys(rest).length === 0 ? name : undefined;
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url, headers } = request;
  const say = (status: number, value: object, more: Record<string, string> = {}) => {
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { 'content-type': type, ...more });
    response.end(JSON.stringify(value));
  };
  const body = await bodyOf(request);
  if (method !== 'POST') return say(405, { status: 405 }, { allow: 'POST' });
  if (headers.authorization !== `Bearer ${TOKEN}` && url !== '/admits') {
    return say(401, { status: 401 });
  }
  const isJson = headers['content-type']?.startsWith('application/json') === true;
  const name = isJson ? nameIn(body) : undefined;
  if (name === undefined && url !== '/believes') return say(400, { status: 400 });
  const length = name?.length ?? 0;
  if (url === '/crashes' && /[^ -~]/.test(name ?? '')) return say(500, { status: 500 });
  return say(200, { length: url === '/mistypes' ? String(length) : length });
}

beforeAll(() => provisionHttpFuzzer(), INSTALL_MS);

test(
  'operations that fail a check are found, and the correct one is not',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sagaproof-fuzz-test-'));
    const server = createServer((request, response) => void serve(request, response));
    try {
      const document = join(folder, 'names.yaml');
      await writeFile(document, stringify(DOCUMENT));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const about = { service: 'api-gateway', baseUrl, token: TOKEN, seed: 'names' } as const;
      const results = await runHttpFuzz({ ...about, document });
      const broken = results
        .filter(({ outcome }) => outcome !== 'passed')
        .map(({ outcome, rpc, check }) => `${outcome} ${rpc}: ${check}`);
      expect(broken.toSorted()).toEqual([
        'failed POST /admits: ignored auth',
        'failed POST /admits: missing required header',
        'failed POST /believes: negative data rejection',
        'failed POST /crashes: not a server error',
        'failed POST /mistypes: response schema conformance',
      ]);
      const crash = results.find(
        ({ rpc, outcome }) => rpc === 'POST /crashes' && outcome === 'failed',
      );
      expect(crash?.seen).toContain('curl -i -X POST');
      expect(JSON.stringify(results)).not.toContain(TOKEN);
    } finally {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
  INSTALL_MS,
);

test(
  'no check passes when the server is not running',
  async () => {
    const about = { service: 'api-gateway', token: TOKEN, seed: 'names' } as const;
    const results = await runHttpFuzz({ ...about, baseUrl: 'http://127.0.0.1:1' });
    expect(results.length).toBeGreaterThan(0);
    expect(results.filter(({ outcome }) => outcome === 'passed')).toEqual([]);
  },
  INSTALL_MS,
);
