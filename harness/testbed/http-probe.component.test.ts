import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { askHttp } from './http-probe.ts';

const PATIENCE_MS = 10_000;
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(answer: RequestListener): Promise<string> {
  const own = createServer(answer);
  server = own;
  await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(own.address() as AddressInfo).port}/asked?x=1`;
}

const inTime = () => AbortSignal.timeout(PATIENCE_MS);

it('sends what it is given, and reads all of the answer', async () => {
  const url = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method, url: path, headers } = request;
    response.writeHead(201).write(`${method} ${path} ${headers['x-header']} `);
    response.end(`${body} ü`);
  });
  const question = { method: 'POST', headers: { 'x-header': 'h' }, body: 'ä' } as const;
  expect(await askHttp(url, { ...question, signal: inTime() })).toStrictEqual({
    status: 201,
    ok: true,
    text: 'POST /asked?x=1 h ä ü',
  });
});

it.each([
  [200, true],
  [299, true],
  [302, false],
  [404, false],
  [503, false],
])('tells %i from an answer that is well: %s', async (status, ok) => {
  const url = await serve((_request, response) => void response.writeHead(status).end());
  expect(await askHttp(url, { signal: inTime() })).toMatchObject({ status, ok });
});

it('rejects when no server listens', async () => {
  const url = await serve(() => undefined);
  await new Promise((resolve) => server?.close(resolve));
  await expect(askHttp(url, { signal: inTime() })).rejects.toThrow('ECONNREFUSED');
});

it.each([
  ['an answer that never begins', () => undefined],
  ['an answer that never ends', (response: { write(text: string): void }) => response.write('a')],
])('is ended by the signal: %s', async (_what, answer) => {
  const asked = Promise.withResolvers<void>();
  const url = await serve((_request, response) => {
    answer(response);
    asked.resolve();
  });
  const ending = new AbortController();
  const answered = askHttp(url, { signal: ending.signal });
  await asked.promise;
  ending.abort(new Error('enough'));
  await expect(answered).rejects.toThrow();
});

it('rejects when the connection breaks before the answer is whole', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half');
    response.socket?.end();
  });
  await expect(askHttp(url, { signal: inTime() })).rejects.toThrow();
});
