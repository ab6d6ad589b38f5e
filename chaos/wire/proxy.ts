/** The listeners of a wire proxy: one for each link, with the connections that came through it. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Connection } from './connection.ts';
import type { Protocol } from './protocol.ts';
import type { Recorder } from './recorder.ts';
import type { RuleBook } from './rules.ts';

export interface ProxiedLink {
  /** `<service>→<dependency>`. */
  readonly name: string;
  /** `host:port`, as in the address book. */
  readonly listen: string;
  readonly upstream: string;
  readonly protocol: Protocol;
}

/** A connection that passes undecoded. */
export interface OpaqueConnection {
  readonly link: string;
  readonly connection: number;
  readonly reason: string;
}

/** More are only counted. */
const OPAQUE_KEPT_MAX = 1_000;

interface Listening {
  readonly link: ProxiedLink;
  readonly open: Set<{ cut(): void }>;
  server: Server | undefined;
}

export class WireProxy implements AsyncDisposable {
  readonly rules: RuleBook;
  readonly recorder: Recorder;
  readonly opaque: OpaqueConnection[] = [];
  readonly #links = new Map<string, Listening>();
  #connections = 0;

  constructor(rules: RuleBook, recorder: Recorder) {
    this.rules = rules;
    this.recorder = recorder;
  }

  get links(): readonly ProxiedLink[] {
    return [...this.#links.values()].map(({ link }) => link);
  }

  async listen(link: ProxiedLink): Promise<void> {
    const listening: Listening = { link, open: new Set(), server: undefined };
    this.#links.set(link.name, listening);
    await this.#start(listening);
  }

  /** Refuses connections of a link and resets the open ones. */
  async cut(name: string): Promise<void> {
    const listening = this.#find(name);
    const { server, open } = listening;
    listening.server = undefined;
    const closed = server && once(server, 'close');
    server?.close();
    for (const connection of open) connection.cut();
    await closed;
  }

  async restore(name: string): Promise<void> {
    const listening = this.#find(name);
    if (!listening.server) await this.#start(listening);
  }

  isCut(name: string): boolean {
    return this.#find(name).server === undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#links.keys()].map((name) => this.cut(name)));
  }

  #find(name: string): Listening {
    const found = this.#links.get(name);
    if (!found) throw new Error(`link ${name} has no wire proxy`);
    return found;
  }

  async #start(listening: Listening): Promise<void> {
    const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
    const server = createServer(options, (client) => this.#accept(listening, client));
    listening.server = server;
    const { hostname, port } = new URL(`tcp://${listening.link.listen}`);
    server.listen(Number(port), hostname);
    await once(server, 'listening');
  }

  #accept(listening: Listening, client: Socket): void {
    const { link, open } = listening;
    this.#connections += 1;
    const connection = this.#connections;
    const { hostname: host, port } = new URL(`tcp://${link.upstream}`);
    const server = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
    const refuse = () => {
      client.resetAndDestroy();
      server.destroy();
      open.delete(pending);
    };
    const pending = { cut: refuse };
    open.add(pending);
    client.on('error', () => undefined);
    server.once('error', refuse);
    server.once('connect', () => {
      server.off('error', refuse);
      open.delete(pending);
      const made: Connection = new Connection({
        link: link.name,
        connection,
        protocol: link.protocol,
        client,
        server,
        rules: this.rules,
        recorder: this.recorder,
        onOpaque: (reason) => this.#addOpaque({ link: link.name, connection, reason }),
        onClosed: () => open.delete(made),
      });
      open.add(made);
      client.resume();
    });
  }

  #addOpaque(one: OpaqueConnection): void {
    if (this.opaque.length < OPAQUE_KEPT_MAX) this.opaque.push(one);
  }
}
