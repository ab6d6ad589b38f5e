/**
 * A server that delivers `job.updates` to the sockets of their users as another library does it:
 * `node ws-peer.ts <ws | ws-one-frame | socket.io> <brokers> [module]`. It checks no token, keeps
 * no log and reads no subscription; a socket says its user in its address. It prints its port when
 * it reads the topic.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Consumer } from '@platformatic/kafka';
import avsc from 'avsc';
import { type WebSocket, WebSocketServer } from 'ws';

/** Magic byte and schema id of the Confluent wire format. */
const HEADER_BYTES = 5;

interface Update {
  readonly userId: string;
  readonly jobId: string;
  readonly sequence: number;
  readonly occurredAt: number;
  readonly [field: string]: unknown;
}

/** Sends an update to the sockets of its user. */
type Deliver = (update: Update) => void;

const http = createServer();
const userOf = ({ url }: IncomingMessage): string =>
  new URL(url ?? '', 'http://localhost').searchParams.get('user') ?? '';

/** The same fields as a frame of the WebSocket contract. */
const textOf = (update: Update): string =>
  JSON.stringify({
    type: 'update',
    jobId: update.jobId,
    orderId: update['orderId'],
    sequence: update.sequence,
    previousSequence: 0,
    level: 'outcome',
    state: update['state'],
    occurredAt: new Date(update.occurredAt).toISOString(),
    kind: update['kind'],
    step: null,
    reason: null,
    detail: null,
  });

/** Plain `ws`: a message is encoded once, or once for each socket. */
function plainWs(isEncodedOnce: boolean): Deliver {
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  const sockets = new Map<string, Set<WebSocket>>();
  server.on('connection', (socket, request) => {
    const user = userOf(request);
    const own = sockets.get(user) ?? new Set();
    sockets.set(user, own.add(socket));
    socket.on('close', () => own.delete(socket));
  });
  return (update) => {
    const once = isEncodedOnce ? Buffer.from(textOf(update)) : undefined;
    for (const socket of sockets.get(update.userId) ?? []) {
      socket.send(once ?? textOf(update), { binary: false });
    }
  };
}

/** What is used of Socket.IO, which the benchmark installs. */
interface SocketIo {
  readonly Server: new (
    server: typeof http,
    options: object,
  ) => {
    on(
      event: 'connection',
      listener: (socket: { join(room: string): void; request: IncomingMessage }) => void,
    ): void;
    to(room: string): { emit(event: string, text: string): void };
  };
}

async function socketIo(module: string): Promise<Deliver> {
  const { Server } = (await import(module)) as SocketIo;
  const server = new Server(http, { transports: ['websocket'], perMessageDeflate: false });
  server.on('connection', (socket) => socket.join(userOf(socket.request)));
  return (update) => server.to(update.userId).emit('update', textOf(update));
}

async function follow(brokers: string, deliver: Deliver): Promise<void> {
  const schema = readFileSync(new URL('../../avro/job.updates.avsc', import.meta.url), 'utf8');
  const type = avsc.Type.forSchema(JSON.parse(schema) as avsc.Schema);
  const consumer = new Consumer({
    clientId: 'peer',
    groupId: `peer-${process.pid}`,
    bootstrapBrokers: [brokers],
    autocommit: 1_000,
    maxWaitTime: 1_000,
  });
  const stream = await consumer.consume({ topics: ['job.updates'], mode: 'latest' });
  stream.once('offsets', () => void announce());
  for await (const { value } of stream) {
    deliver(type.fromBuffer((value as Buffer).subarray(HEADER_BYTES)) as Update);
  }
}

async function announce(): Promise<void> {
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  process.stdout.write(`${(http.address() as AddressInfo).port}\n`);
}

const [peer = '', brokers = '', module = ''] = process.argv.slice(2);
await follow(brokers, peer === 'socket.io' ? await socketIo(module) : plainWs(peer !== 'ws'));
