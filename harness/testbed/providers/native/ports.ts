/**
 * Ports for one stack. Two stacks that boot at the same moment must not choose the same port, and
 * a port that is free now must still be free when a proxy or a service is started on it again. So
 * a stack takes a block of ports below the range that the kernel gives to outgoing connections,
 * and holds the block by listening on its first port for as long as it lives.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { NATIVE_HOST } from './host.ts';

const BLOCK_SIZE = 256;
const RANGE_FIRST = 10_240;
/** Linux' default `ip_local_port_range` begins at 32768; macOS' at 49152. */
const RANGE_END_DEFAULT = 32_768;

export interface PortBlock extends AsyncDisposable {
  /** A port of the block that is not in use, by this stack or by another process. */
  next(): Promise<number>;
  /** Returns a port: the process that used it has ended and is not started again. */
  release(port: number): void;
}

function rangeEnd(): number {
  try {
    const [first] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/);
    const end = Math.min(Number(first), RANGE_END_DEFAULT);
    return end >= RANGE_FIRST + BLOCK_SIZE ? end : RANGE_END_DEFAULT;
  } catch {
    return RANGE_END_DEFAULT;
  }
}

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: NATIVE_HOST, exclusive: true }, () => resolve(server));
  });
}

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()));

/** Takes a block that no other stack holds; where it starts to look is spread by `offset`. */
export async function reservePorts(offset: number = process.pid): Promise<PortBlock> {
  const blocks = Math.floor((rangeEnd() - RANGE_FIRST) / BLOCK_SIZE);
  for (let tried = 0; tried < blocks; tried += 1) {
    const first = RANGE_FIRST + ((offset + tried) % blocks) * BLOCK_SIZE;
    const holder = await listen(first);
    if (!holder) continue;
    holder.unref();
    return blockFrom(first, holder);
  }
  throw new Error(
    `no block of ports is free from ${RANGE_FIRST} on: end stacks with \`sagaproof down --all\``,
  );
}

function blockFrom(first: number, holder: Server): PortBlock {
  const given = new Set<number>();
  return {
    async next() {
      for (let port = first + 1; port < first + BLOCK_SIZE; port += 1) {
        if (given.has(port)) continue;
        given.add(port);
        const probe = await listen(port);
        if (!probe) continue;
        await close(probe);
        return port;
      }
      throw new Error(`the ${BLOCK_SIZE} ports from ${first} on are all used up`);
    },
    release: (port) => void given.delete(port),
    [Symbol.asyncDispose]: () => close(holder),
  };
}
