/**
 * Questions by protocol without a client library: what a library costs to load would be paid by
 * every boot, before the servers have even started.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { mongodbHello } from '../links/first-answer.ts';

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Answers to what is asked here have less than a kilobyte. */
const ANSWER_BYTES_MAX = 64 * 1024;

/** A process listens. No proof of health; it only saves the costlier questions until then. */
export async function accepts(address: Address, signal: AbortSignal): Promise<void> {
  const socket = await open(address, signal);
  socket.destroy();
}

async function open({ host, port }: Address, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, signal });
  // An abort or a reset may be reported when nothing waits any more.
  socket.on('error', () => undefined);
  try {
    await once(socket, 'connect', { signal });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return socket;
}

/** Sends one request and takes what comes back until `isWhole` says that it is the answer. */
async function ask(
  address: Address,
  request: Buffer,
  isWhole: (answer: Buffer) => boolean,
  signal: AbortSignal,
): Promise<Buffer> {
  const socket = await open(address, signal);
  try {
    socket.write(request);
    let answer = Buffer.alloc(0);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length > ANSWER_BYTES_MAX) throw new Error('it answered too much');
      if (isWhole(answer)) return answer;
    }
    throw new Error('it closed the connection before it had answered');
  } finally {
    socket.destroy();
  }
}

/** A BSON boolean that is true: type 8, the name, one byte. */
const WRITABLE = Buffer.from('\x08isWritablePrimary\0\x01');

/** @throws unless a MongoDB server answers `hello` and takes writes */
export async function askMongodb(address: Address, signal: AbortSignal): Promise<void> {
  const isWhole = (bytes: Buffer) => bytes.length >= 4 && bytes.length >= bytes.readInt32LE(0);
  const answer = await ask(address, mongodbHello(), isWhole, signal);
  if (!answer.includes(WRITABLE)) throw new Error('it answers hello and takes no writes');
}

/** @throws unless a Redis server answers PING with PONG */
export async function askRedis(address: Address, signal: AbortSignal): Promise<void> {
  const isLine = (bytes: Buffer) => bytes.includes('\r\n');
  const answer = await ask(address, Buffer.from('PING\r\n'), isLine, signal);
  if (!answer.toString().startsWith('+PONG')) {
    throw new Error(`it answers PING with ${answer.toString().trim()}`);
  }
}
