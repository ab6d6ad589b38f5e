/** A Toxiproxy process and an echo server behind links, for tests of links and faults. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { execa } from 'execa';
import { afterAll, beforeAll } from 'vitest';
import type { AddressBook, LinkAddress } from '../kernel/address-book.ts';
import { retry } from '../kernel/poll.ts';
import { freePort } from '../provision/boot-cache/server-process.ts';
import { provision } from '../provision/provision.ts';
import { type LinkControl, linkControl } from './link-control.ts';
import { toxiproxyServer } from './toxiproxy.ts';

/** A cold cache is filled first. */
const PROVISION_TIMEOUT_MS = 15 * 60_000;
const START_TIMEOUT_MS = 20_000;
const HOST = '127.0.0.1';

export interface ProxiedServer {
  links(): LinkControl;
  book(): Pick<AddressBook, 'links' | 'toxiproxy'>;
}

/** Answers each chunk with the same bytes, and sends the greeting first, if there is one. */
function echoServer(greeting: string): Server {
  return createServer((socket) => {
    socket.on('error', () => socket.destroy());
    if (greeting !== '') socket.write(greeting);
    socket.pipe(socket);
  });
}

/** Call it in a `describe`: both processes end with it. Every link leads to the same server. */
export function useProxiedServer(names: readonly string[], greeting = ''): ProxiedServer {
  const stop = new AbortController();
  const server = echoServer(greeting);
  let book: Pick<AddressBook, 'links' | 'toxiproxy'> | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  beforeAll(async () => {
    const { toxiproxy } = await provision();
    server.listen(0, HOST);
    await once(server, 'listening');
    const upstream = `${HOST}:${(server.address() as AddressInfo).port}`;
    const port = await freePort();
    const command = ['-host', HOST, '-port', String(port)];
    ended = execa(toxiproxy.binary, command, { cancelSignal: stop.signal, reject: false });
    const links: LinkAddress[] = [];
    for (const name of names) {
      const listen = `${HOST}:${await freePort()}`;
      links.push({ name, listen, upstream, hops: [{ kind: 'toxiproxy', listen, upstream }] });
    }
    book = { links, toxiproxy: { url: `http://${HOST}:${port}` } };
    const api = toxiproxyServer(book.toxiproxy.url);
    const signal = AbortSignal.timeout(START_TIMEOUT_MS);
    await retry('Toxiproxy answers', () => api.ping(), { signal });
    await api.createProxies(links);
  }, PROVISION_TIMEOUT_MS);
  afterAll(async () => {
    stop.abort();
    await ended;
    server.close();
  });
  const started = () => {
    if (!book) throw new Error('the servers start before the first test');
    return book;
  };
  return { book: started, links: () => linkControl(started()) };
}

/** A connection through a link, as a service would open it. */
export async function connectThrough(links: LinkControl, link: string): Promise<Socket> {
  const [host = '', port = ''] = links.find(link).listen.split(':');
  const socket = connect({ host, port: Number(port) });
  await once(socket, 'connect');
  return socket;
}

/** Sends one message and waits for its echo; how long that took, in milliseconds. */
export async function roundTripMs(socket: Socket): Promise<number> {
  const startedAt = performance.now();
  socket.write('ping');
  await once(socket, 'data');
  return performance.now() - startedAt;
}
