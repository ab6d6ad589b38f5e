/** How long the server at the end of a link takes to answer: measured with its own protocol. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { LinkAddress } from '../kernel/address-book.ts';

const OP_MSG = 2013;
const OP_MSG_HEADER_BYTES = 16;

/** MongoDB's `{ hello: 1, $db: 'admin' }` as an OP_MSG with one body section. */
export function mongodbHello(): Buffer {
  const hello = Buffer.concat([Buffer.from('\x10hello\0'), Buffer.from([1, 0, 0, 0])]);
  const db = Buffer.concat([
    Buffer.from('\x02$db\0'),
    Buffer.from([6, 0, 0, 0]),
    Buffer.from('admin\0'),
  ]);
  const document = Buffer.concat([Buffer.alloc(4), hello, db, Buffer.from([0])]);
  document.writeInt32LE(document.length, 0);
  // Flag bits, then a section of kind 0.
  const message = Buffer.concat([Buffer.alloc(OP_MSG_HEADER_BYTES + 5), document]);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(1, 4);
  message.writeInt32LE(OP_MSG, 12);
  return message;
}

/** The connection preface and an empty SETTINGS frame; the server sends its own SETTINGS. */
const HTTP2_PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
/** ApiVersions, version 0, without a client id: every broker answers it. */
const KAFKA_API_VERSIONS = Buffer.from('0000000a00120000000000' + '01ffff', 'hex');
/** SSLRequest: one byte comes back, whether the server has TLS or not. */
const POSTGRES_SSL_REQUEST = Buffer.from('0000000804d2162f', 'hex');
const HTTP_GET = Buffer.from('GET / HTTP/1.1\r\nHost: sagaproof\r\nConnection: close\r\n\r\n');
/** An SMTP server speaks first. */
const NOTHING = Buffer.alloc(0);

/** By dependency: bytes without an effect that make its server answer. Services speak gRPC. */
const REQUESTS: Readonly<Record<string, Buffer>> = {
  kafka: KAFKA_API_VERSIONS,
  postgres: POSTGRES_SSL_REQUEST,
  redis: Buffer.from('PING\r\n'),
  mongodb: mongodbHello(),
  registry: HTTP_GET,
  oidc: HTTP_GET,
  smtp: NOTHING,
};

/** Connects to where the service would, without sending anything. */
export async function connectTo(link: LinkAddress, signal: AbortSignal): Promise<Socket> {
  const { hostname, port } = new URL(`tcp://${link.listen}`);
  const socket = connect({ host: hostname, port: Number(port), signal });
  try {
    await once(socket, 'connect', { signal });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  // A later error is also the end of the reading that waits for an answer.
  socket.on('error', () => undefined);
  return socket;
}

/**
 * From sending a request to the first byte of its answer, in milliseconds.
 *
 * @throws when the connection ends without an answer
 */
export async function firstAnswerMs(link: LinkAddress, signal: AbortSignal): Promise<number> {
  const dependency = link.name.slice(link.name.indexOf('→') + 1);
  const socket = await connectTo(link, signal);
  try {
    const startedAt = performance.now();
    socket.write(REQUESTS[dependency] ?? HTTP2_PREFACE);
    for await (const _ of socket as AsyncIterable<Buffer>) return performance.now() - startedAt;
    throw new Error(`${link.name} closed the connection without an answer`);
  } finally {
    socket.destroy();
  }
}
