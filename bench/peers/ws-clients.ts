/** Clients of the servers that are compared: they count what comes, and how late it is. */
import { WebSocket } from 'ws';

export interface Connected {
  /** How long after its `occurredAt` each update came, in milliseconds. */
  readonly latenciesMs: number[];
  /** Resolves when so many updates have come since the last call. */
  received(count: number, timeoutMs: number): Promise<void>;
  close(): void;
}

/** One socket of a user. */
export interface Address {
  readonly url: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent when the socket is open. */
  readonly hello?: string;
  /** How the answer to that begins. */
  readonly welcome?: string;
}

const OCCURRED_AT = /occurredAt\\?":\\?"([^"\\]+)/;
/** Engine.IO's ping, and its answer. */
const PING = '2';
const PONG = '3';

/** Opens sockets, and resolves when all of them are ready. */
export async function connectAll(addresses: readonly Address[]): Promise<Connected> {
  const latenciesMs: number[] = [];
  let seen = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let done: () => void = () => undefined;
  const take = (text: string): void => {
    if (text === PING) return;
    const [, occurredAt] = OCCURRED_AT.exec(text) ?? [];
    if (occurredAt === undefined) return;
    latenciesMs.push(Date.now() - Date.parse(occurredAt));
    seen += 1;
    if (seen >= wanted) done();
  };
  const sockets = await Promise.all(addresses.map((address) => open(address, take)));
  return {
    latenciesMs,
    async received(count, timeoutMs) {
      const arrived = Promise.withResolvers<void>();
      const late = setTimeout(
        () => arrived.reject(new Error(`${seen} of ${count} updates came`)),
        timeoutMs,
      );
      wanted = count;
      done = arrived.resolve;
      if (seen >= wanted) done();
      await arrived.promise.finally(() => clearTimeout(late));
      seen -= count;
      wanted = Number.POSITIVE_INFINITY;
    },
    close() {
      for (const socket of sockets) socket.terminate();
    },
  };
}

function open(address: Address, take: (text: string) => void): Promise<WebSocket> {
  const { url, protocols = [], headers = {}, hello, welcome } = address;
  const ready = Promise.withResolvers<WebSocket>();
  const socket = new WebSocket(url, [...protocols], { headers, perMessageDeflate: false });
  socket.on('error', ready.reject);
  socket.on('open', () => {
    if (hello !== undefined) socket.send(hello);
    if (welcome === undefined) ready.resolve(socket);
  });
  socket.on('message', (data) => {
    const text = data.toString();
    if (text === PING) socket.send(PONG);
    if (welcome !== undefined && text.startsWith(welcome)) ready.resolve(socket);
    take(text);
  });
  return ready.promise;
}
