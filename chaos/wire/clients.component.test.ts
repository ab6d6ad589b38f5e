/** Decoders between the clients and servers that people use. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createTransport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { locateInstallation } from '../../harness/provision/provision.ts';
import { logOf } from './decoder.testkit.ts';
import { http } from './http/http.ts';
import { redis } from './redis/redis.ts';
import { type Decision, startRelay } from './relay.testkit.ts';
import { smtp } from './smtp/smtp.ts';

const HOST = '127.0.0.1';

/** An empty server of its own, on a Unix socket. */
async function startRedis(): Promise<AsyncDisposable & { path: string; client: Redis }> {
  const installed = await locateInstallation();
  const folder = await mkdtemp(join(tmpdir(), 'sagaproof-redis-'));
  const path = join(folder, 'redis.sock');
  const settings = ['--port', '0', '--unixsocket', path, '--save', '', '--dir', folder];
  const server = spawn(installed.redis.binary, settings, { stdio: 'ignore' });
  const client = new Redis(path, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  await client.ping();
  return {
    ...{ path, client },
    async [Symbol.asyncDispose]() {
      client.disconnect();
      server.kill('SIGKILL');
      await once(server, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe('ioredis and Redis', () => {
  it('are decoded in pipelines, transactions, scripts, subscriptions and blocking calls', async () => {
    await using server = await startRedis();
    await using relay = await startRelay({ protocol: redis, upstream: { path: server.path } });
    const client = new Redis(relay.port, HOST);
    const subscriber = new Redis(relay.port, HOST);
    const received: string[] = [];
    subscriber.on('message', (_channel, message: string) => received.push(message));
    await subscriber.subscribe('news', 'more');
    await client.pipeline().set('a', '1').incr('a').get('a').exec();
    await client.multi().hset('h', 'f', 'v').expire('h', 60).publish('news', 'hello').exec();
    const script = "return redis.call('get', KEYS[1])";
    expect(await client.eval(script, 1, 'a')).toBe('2');
    await expect(client.lpush('a', 'x')).rejects.toThrow('WRONGTYPE');
    const [popped] = await Promise.all([client.blpop('list', 5), server.client.rpush('list', 'x')]);
    expect(popped).toEqual(['list', 'x']);
    await vi.waitFor(() => expect(received).toEqual(['hello']));
    await client.quit();
    subscriber.disconnect();
    const log = logOf(relay.messages).filter((line) => !/redis\.(info|client|hello)/.test(line));
    expect(log.map((line) => line.replace(/script=\w+/, 'script=#'))).toEqual([
      'redis.subscribe channel=news → ok',
      ...['redis.set key=a → ok', 'redis.incr key=a → ok', 'redis.get key=a → ok'],
      'redis.multi → ok',
      'redis.hset key=h queued=true → ok',
      'redis.expire key=h queued=true → ok',
      'redis.publish channel=news queued=true → ok',
      'redis.exec effects=hset expire publish key=h → ok',
      'redis.message kind=message channel=news → ok',
      'redis.eval key=a script=# → ok',
      'redis.lpush key=a → error WRONGTYPE',
      'redis.blpop key=list → ok',
      'redis.quit → ok',
    ]);
  });

  it('go on after an error of the proxy and a repeated request', async () => {
    await using server = await startRedis();
    const decide = ({ begins: [operation] }: { begins: readonly { name: string }[] }): Decision => {
      if (operation?.name === 'redis.incr') return 'twice';
      return operation?.name === 'redis.set' ? { error: 'READONLY' } : 'forward';
    };
    const upstream = { path: server.path };
    await using relay = await startRelay({ protocol: redis, upstream, decide });
    const client = new Redis(relay.port, HOST);
    await expect(client.set('a', '1')).rejects.toThrow(/^READONLY You can't write/);
    expect(await client.incr('n')).toBe(1);
    expect(await client.get('n')).toBe('2');
    client.disconnect();
  });
});

describe('nodemailer and an SMTP server', () => {
  it('are decoded from the greeting to the end of a mail', async () => {
    const texts: string[] = [];
    const server = new SMTPServer({
      ...{ authOptional: true, disabledCommands: ['STARTTLS'], logger: false },
      onData(stream, _session, done) {
        stream.on('data', (bytes: Buffer) => texts.push(bytes.toString()));
        stream.on('end', done);
      },
    });
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    const { port } = server.server.address() as AddressInfo;
    await using relay = await startRelay({ protocol: smtp, upstream: { host: HOST, port } });
    const transport = createTransport({ host: HOST, port: relay.port, ignoreTLS: true });
    await transport.sendMail({
      ...{ from: 'shop@example.com', to: 'u-1@example.com', subject: 'order o-1' },
      text: '.dots\n..and more\n.\nlast',
    });
    transport.close();
    await new Promise<void>((resolve) => server.close(resolve));
    expect(texts.join('')).toContain('order o-1');
    expect(logOf(relay.messages).map((line) => line.replace(/bytes=\d+/, 'bytes=#'))).toEqual([
      'smtp.ehlo reply=250 → ok',
      'smtp.mail address=shop@example.com reply=250 → ok',
      'smtp.rcpt address=u-1@example.com reply=250 → ok',
      'smtp.data-command reply=354 → ok',
      'smtp.data bytes=# reply=250 → ok',
    ]);
  });
});

describe('fetch, ws and a server of node:http', () => {
  it('are decoded before and after the upgrade to a WebSocket', async () => {
    const server = createServer((request, response) => {
      request.resume();
      request.on('end', () => {
        response.write('a');
        response.end(`nswer to ${request.url}`);
      });
    });
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => {
      socket.on('message', (data) => socket.send(data.toString().repeat(100)));
    });
    server.listen(0, HOST);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    // Ids of operations are unique on one connection only.
    const options = { protocol: http, upstream: { host: HOST, port } };
    await using asked = await startRelay(options);
    await using relay = await startRelay(options);
    const response = await fetch(`http://${HOST}:${asked.port}/a?b=1`, {
      method: 'POST',
      body: 'x'.repeat(99_999),
    });
    expect(await response.text()).toBe('answer to /a?b=1');
    const socket = new WebSocket(`ws://${HOST}:${relay.port}/v1/ws`, { perMessageDeflate: false });
    await once(socket, 'open');
    socket.send('hi there');
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(data.toString()).toBe('hi there'.repeat(100));
    socket.close();
    await once(socket, 'close');
    sockets.close();
    server.closeAllConnections();
    server.close();
    expect(logOf(asked.messages)).toEqual(['http.request method=POST path=/a status=200 → ok']);
    expect(logOf(relay.messages)).toEqual([
      'http.request method=GET path=/v1/ws upgrade=true status=101 → ok',
      'ws.frame opcode=text bytes=8 → ok',
      'ws.frame opcode=text bytes=800 → ok',
      'ws.frame opcode=close bytes=0 → ok',
      'ws.frame opcode=close bytes=0 → ok',
    ]);
  });
});
