import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, it } from 'vitest';
import { askOwnServer } from './own-server.ts';

it('uses a new connection for each request, and closes it', async () => {
  const sockets = new Set<Socket>();
  const asked: Array<string | undefined> = [];
  const server = createServer((request, response) => {
    sockets.add(request.socket);
    asked.push(`${request.method} ${request.headers.connection} ${request.headers['x-who']}`);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const headers = { 'x-who': 'world' };
  for (let request = 0; request < 3; request += 1) {
    expect(await (await askOwnServer(url, { method: 'POST', headers })).json()).toEqual({});
  }
  expect(sockets.size).toBe(3);
  expect(asked).toEqual(Array(3).fill('POST close world'));
  await new Promise((resolve) => server.close(resolve));
});
