/** A TCP proxy for tests of one decoder with real clients and servers: no rules, one decision. */
import { once } from 'node:events';
import {
  type AddressInfo,
  connect,
  createServer,
  type NetConnectOpts,
  type Socket,
} from 'node:net';
import type { Turn } from './decoder.testkit.ts';
import { type Decoder, type Message, OpaqueError, type Protocol, type Side } from './protocol.ts';

export type Decision = 'forward' | 'twice' | 'withhold' | 'later' | { readonly error: string };

export interface Relay extends AsyncDisposable {
  readonly port: number;
  readonly messages: Message[];
  /** All bytes that arrived, on all connections. */
  readonly turns: Turn[];
  /** Forwards what was decided to be `later`. */
  release(): void;
}

interface RelayOptions {
  readonly protocol: Protocol;
  readonly upstream: NetConnectOpts;
  readonly decide?: (message: Message) => Decision;
}

/** One connection: both sockets and what is held of it. */
class Connection {
  readonly #decoder: Decoder;
  readonly #sockets: Readonly<Record<Side, Socket>>;
  readonly #relay: Pick<Relay, 'messages' | 'turns'>;
  readonly #decide: (message: Message) => Decision;
  readonly #held: Message[] = [];
  #isOpaque = false;

  constructor(client: Socket, options: RelayOptions, relay: Pick<Relay, 'messages' | 'turns'>) {
    const server = connect(options.upstream);
    this.#decoder = options.protocol.open();
    this.#sockets = { client, server };
    this.#relay = relay;
    this.#decide = options.decide ?? (() => 'forward');
    for (const from of ['client', 'server'] as const) {
      const [socket, other] = from === 'client' ? [client, server] : [server, client];
      socket.on('data', (bytes: Buffer) => this.#read(from, bytes));
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.end());
    }
  }

  end(): void {
    this.#sockets.client.destroy();
    this.#sockets.server.destroy();
  }

  release(): void {
    for (const message of this.#held.splice(0)) this.#forward(message);
  }

  #read(from: Side, bytes: Buffer): void {
    this.#relay.turns.push([from, bytes]);
    if (this.#isOpaque) {
      this.#send(from, bytes);
      return;
    }
    try {
      for (const message of this.#decoder.read(from, bytes)) this.#handle(message);
    } catch (error) {
      if (!(error instanceof OpaqueError)) throw error;
      this.#isOpaque = true;
      for (const side of ['client', 'server'] as const) {
        this.#send(side, this.#decoder.pending(side));
      }
    }
  }

  #handle(message: Message): void {
    this.#relay.messages.push(message);
    const decision = message.surplus ? 'withhold' : this.#decide(message);
    // As the proxy does: what follows in the same lane waits, too.
    const waits = this.#held.some(
      ({ from, lane }) => from === message.from && lane === message.lane,
    );
    if (decision === 'later' || waits) this.#held.push(message);
    else if (decision === 'forward' || decision === 'twice') {
      this.#forward(message);
      if (decision === 'twice') this.#forward(message);
    } else {
      const amends = this.#decoder.withhold?.(message) ?? {};
      this.#answer(message, decision);
      if (amends.client) this.#sockets.client.write(amends.client);
      if (amends.server) this.#sockets.server.write(amends.server);
    }
  }

  #answer({ begins: [operation] }: Message, decision: Decision): void {
    if (typeof decision !== 'object' || !operation) return;
    const answer = this.#decoder.errorAnswer?.(operation, decision.error);
    if (!answer) throw new Error(`${operation.name} cannot be answered with ${decision.error}`);
    this.#sockets.client.write(answer);
  }

  #forward(message: Message): void {
    const bytes = this.#decoder.forward ? this.#decoder.forward(message) : message.bytes;
    if (!bytes) throw new Error('this message cannot be repeated');
    this.#send(message.from, bytes);
  }

  #send(from: Side, bytes: Buffer): void {
    if (bytes.length > 0) this.#sockets[from === 'client' ? 'server' : 'client'].write(bytes);
  }
}

export async function startRelay(options: RelayOptions): Promise<Relay> {
  const seen = { messages: [] as Message[], turns: [] as Turn[] };
  const connections: Connection[] = [];
  const server = createServer({ noDelay: true }, (client) => {
    connections.push(new Connection(client, options, seen));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    ...seen,
    port: (server.address() as AddressInfo).port,
    release: () => {
      for (const connection of connections) connection.release();
    },
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.end();
      server.close();
      await once(server, 'close');
    },
  };
}
