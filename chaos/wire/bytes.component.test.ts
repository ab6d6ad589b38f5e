import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../harness/kernel/random.ts';
import { readRecording, type Turn } from './decoder.testkit.ts';
import { kafka } from './kafka/kafka.ts';
import { freePort, lines } from './lines.testkit.ts';
import { postgres } from './postgres/postgres.ts';
import type { Protocol } from './protocol.ts';
import { WireProxy } from './proxy.ts';
import { Recorder } from './recorder.ts';
import { RuleBook } from './rules.ts';

const HOST = '127.0.0.1';
const LINK = 'service→dependency';
const LARGE_BYTES = 8 << 20;

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Both ends of one connection through a proxy of this protocol. */
function useConnection(protocol: Protocol) {
  const proxy = new WireProxy(new RuleBook(), new Recorder(() => 'http'));
  const accepted: Socket[] = [];
  const dependency = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    accepted.push(socket);
    dependency.emit('accepted');
  });
  let listen = '';
  beforeAll(async () => {
    dependency.listen(0, HOST);
    await once(dependency, 'listening');
    const upstream = `${HOST}:${(dependency.address() as AddressInfo).port}`;
    listen = `${HOST}:${await freePort()}`;
    await proxy.listen({ name: LINK, listen, upstream, protocol });
    // A rule of every link, so that the fast way without rules is not the only one under test.
    const [operation = ''] = protocol.operations;
    proxy.rules.arm(
      { link: LINK, operation, contains: ['not there'], point: 'answer', action: { kind: 'hold' } },
      { onHit: () => undefined, onFailure: () => undefined },
    );
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    dependency.close();
  });
  return {
    proxy,
    async open(): Promise<{ client: Socket; server: Socket }> {
      const [host = '', port = ''] = listen.split(':');
      const client = connect({ host, port: Number(port), allowHalfOpen: true });
      const arrived = once(dependency, 'accepted');
      await arrived;
      const server = accepted.pop();
      if (!server) throw new Error('no connection arrived');
      return { client, server };
    },
  };
}

async function received(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

/** Plays a recording in parts of random sizes, and waits for each turn to arrive. */
async function replay(
  ends: { readonly client: Socket; readonly server: Socket },
  turns: readonly Turn[],
  random: Random,
): Promise<void> {
  const arrived = { client: 0, server: 0 };
  ends.client.on('data', (chunk: Buffer) => {
    arrived.server += chunk.length;
  });
  ends.server.on('data', (chunk: Buffer) => {
    arrived.client += chunk.length;
  });
  const sent = { client: 0, server: 0 };
  for (const [from, bytes] of turns) {
    for (let at = 0; at < bytes.length; ) {
      const size = random.integer(1, 200);
      ends[from].write(bytes.slice(at, at + size));
      at += size;
      await turn();
    }
    sent[from] += bytes.length;
    await expect.poll(() => arrived[from], { interval: 1 }).toBe(sent[from]);
  }
}

describe.each([
  ['Kafka', kafka(), 'kafka/fixtures/inventory.txt'],
  ['Postgres', postgres(), 'postgres/fixtures/inventory.txt'],
] as const)('a recorded connection to %s', (_name, protocol, file) => {
  const connection = useConnection(protocol);
  const turns = readRecording(readFileSync(new URL(file, import.meta.url), 'utf8'));

  it('arrives as it was, in parts of any size, and nothing waits for bytes that never come', async () => {
    const { client, server } = await connection.open();
    await replay({ client, server }, turns, new Random('wire', file));
    expect(connection.proxy.opaque).toEqual([]);
    client.destroy();
    server.destroy();
  });
});

describe('a connection through the wire proxy', () => {
  const connection = useConnection(lines);

  it('passes much in both directions at once, also to slow readers', async () => {
    const { client, server } = await connection.open();
    const text = randomBytes(LARGE_BYTES / 2).toString('hex');
    const asked = Buffer.from(`ask ${text}\nask again\n`);
    const answered = Buffer.from(`answer ${text}\nanswer again\n`);
    client.end(asked);
    server.end(answered);
    const [toServer, toClient] = await Promise.all([received(server), received(client)]);
    expect(hashOf(toServer)).toBe(hashOf(asked));
    expect(hashOf(toClient)).toBe(hashOf(answered));
  });

  it('passes what its protocol does not know, as it comes', async () => {
    const { client, server } = await connection.open();
    const noise = Buffer.from(`noise\n${randomBytes(100_000).toString('latin1')}`, 'latin1');
    client.write(noise);
    server.end('answer to no question\n');
    client.end();
    const [toServer, toClient] = await Promise.all([received(server), received(client)]);
    expect(hashOf(toServer)).toBe(hashOf(noise));
    expect(toClient.toString()).toBe('answer to no question\n');
  });

  it('passes a reset on, in either direction', async () => {
    for (const [from, to] of [
      ['client', 'server'],
      ['server', 'client'],
    ] as const) {
      const ends = await connection.open();
      const failed = once(ends[to], 'error');
      ends.client.write('ask one\n');
      ends[to].resume();
      ends[from].on('error', () => undefined);
      await once(ends.server, 'data');
      ends[from].resetAndDestroy();
      expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
    }
  });
});
