import { createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { askMongodb, askRedis } from './probe.ts';
import { askReady } from './services/readiness.ts';

/** How long a probe may take before it is aborted, as the supervisor does. */
const PROBE_MS = 150;
/** For the abort to be handled, on a busy machine too. */
const ENDED_MS = 10_000;
const SEED = 20_261_129;

const ENDLESS_MS = 5;

/** What a process may do that listens and is no server of the protocol. */
const BEHAVIOURS: Readonly<Record<string, (socket: Socket) => void>> = {
  'never answers': () => undefined,
  'closes at once': (socket) => socket.end(),
  'resets at once': (socket) => socket.resetAndDestroy(),
  'resets after the request': (socket) => socket.once('data', () => socket.resetAndDestroy()),
  'answers garbage': (socket) => socket.write(Buffer.from('\u0000\u0001garbage\r\n\r\n')),
  'never ends its HTTP answer': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n');
    endlessly(socket, 'still here ');
  },
  'cuts its HTTP answer': (socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nok')),
  'sends endless bytes': (socket) => endlessly(socket, 'x'.repeat(65_536)),
  'redirects to itself': (socket) =>
    socket.on('data', () => socket.write('HTTP/1.1 302 Found\r\nlocation: /\r\n\r\n')),
};

function endlessly(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), ENDLESS_MS);
  socket.on('close', () => clearInterval(timer));
}

let server: Server | undefined;
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server?.close();
});

async function listen(behave: (socket: Socket) => void): Promise<number> {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    behave(socket);
    // Read to its end, else the server's side never learns that the probe has gone.
    socket.resume();
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const PROBES: Readonly<Record<string, (port: number, signal: AbortSignal) => Promise<void>>> = {
  http: (port, signal) => askReady({ kind: 'http', target: `http://127.0.0.1:${port}/` }, signal),
  grpc: (port, signal) => askReady({ kind: 'grpc', target: `127.0.0.1:${port}` }, signal),
  redis: (port, signal) => askRedis({ host: '127.0.0.1', port }, signal),
  mongodb: (port, signal) => askMongodb({ host: '127.0.0.1', port }, signal),
};

/** Vitest fails the file for any error that a probe leaves unhandled. */
describe.each(Object.keys(PROBES))('the %s probe', (kind) => {
  const probe = PROBES[kind] ?? expect.fail();

  it.each(Object.keys(BEHAVIOURS))('fails in time when the process %s', async (name) => {
    const port = await listen(BEHAVIOURS[name] ?? expect.fail());
    const probing = probe(port, AbortSignal.timeout(PROBE_MS));
    await expect(probing).rejects.toThrow();
    await ended();
  });

  it('fails for any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const port = await listen((socket) => socket.end(bytes));
        await expect(probe(port, AbortSignal.timeout(ENDED_MS))).rejects.toThrow();
        server?.close();
      }),
      { seed: SEED, numRuns: 40 },
    );
  });
});

/** Resolves when the server has no connection any more: errors of the probe's side were emitted. */
async function ended(): Promise<void> {
  await expect.poll(() => sockets.size, { timeout: ENDED_MS }).toBe(0);
}
