/** One connection of a service through the proxy: decodes both directions and applies the rules. */
import type { Socket } from 'node:net';
import { Exchanges } from './exchanges.ts';
import { type Item, Pipe } from './pipe.ts';
import { type Decoder, type Message, OpaqueError, type Protocol, type Side } from './protocol.ts';
import type { Recorder } from './recorder.ts';
import type { RuleBook } from './rules.ts';

/** A message that is larger is not kept in memory: its connection is passed on undecoded. */
const MESSAGE_BYTES_MAX = 32 << 20;

export interface ConnectionOptions {
  readonly link: string;
  /** Unique in this proxy. */
  readonly connection: number;
  readonly protocol: Protocol;
  readonly client: Socket;
  readonly server: Socket;
  readonly rules: RuleBook;
  readonly recorder: Recorder;
  readonly onOpaque: (reason: string) => void;
  readonly onClosed: () => void;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #decoder: Decoder;
  readonly #exchanges: Exchanges;
  readonly #pipes: Readonly<Record<Side, Pipe>>;
  #opaque = false;
  #silent = false;
  #open = 2;

  constructor(options: ConnectionOptions) {
    const { client, server, protocol } = options;
    const pass = (pipe: Pipe, item: Item) => this.#pass(pipe, item);
    this.#options = options;
    this.#decoder = protocol.open();
    this.#pipes = {
      client: new Pipe('client', client, server, pass),
      server: new Pipe('server', server, client, pass),
    };
    this.#exchanges = new Exchanges({
      ...options,
      decoder: this.#decoder,
      multiplexed: protocol.multiplexed ?? false,
      pipes: () => this.#pipes,
      cut: () => this.cut(),
      end: () => {
        this.#silent = true;
        client.destroy();
        server.destroy();
      },
      silence: () => {
        this.#silent = true;
      },
    });
    this.#connect(this.#pipes.client, this.#pipes.server);
    this.#connect(this.#pipes.server, this.#pipes.client);
  }

  /** Ends it as a broken network would. */
  cut(): void {
    this.#silent = true;
    this.#options.client.resetAndDestroy();
    this.#options.server.resetAndDestroy();
  }

  #connect(pipe: Pipe, other: Pipe): void {
    const { source } = pipe;
    source.setNoDelay(true);
    // What failed is passed on when the socket closes.
    source.on('error', () => undefined);
    source.on('data', (chunk: Buffer) => this.#receive(pipe, chunk));
    source.on('end', () => pipe.put({ kind: 'end' }));
    source.on('close', (reset) => {
      other.stop();
      this.#open -= 1;
      if (this.#open === 0) {
        this.#exchanges.close('the connection ended');
        this.#options.onClosed();
      } else if (this.#silent) {
        pipe.sink.destroy();
      } else {
        pipe.put({ kind: 'closed', reset });
      }
    });
  }

  #receive(pipe: Pipe, chunk: Buffer): void {
    if (this.#silent) return;
    if (this.#opaque) {
      pipe.put({ kind: 'raw', bytes: [chunk] });
      return;
    }
    pipe.received.push(chunk);
    let messages: readonly Message[];
    try {
      messages = this.#decoder.read(pipe.from, chunk);
    } catch (error) {
      this.#goOpaque(error);
      return;
    }
    if (messages.length > 0) this.#putAll(pipe, messages);
    if (pipe.received.length > MESSAGE_BYTES_MAX) {
      this.#goOpaque(new OpaqueError(`a message of more than ${MESSAGE_BYTES_MAX} bytes`));
    }
  }

  #putAll(pipe: Pipe, messages: readonly Message[]): void {
    const many = messages.length > 1;
    if (many) pipe.sink.cork();
    // What is forwarded is what was received: a decoder only says how long a message is.
    for (const message of messages) {
      const bytes = pipe.received.take(message.bytes.length);
      pipe.put({ kind: 'message', message, bytes });
    }
    if (many) pipe.sink.uncork();
  }

  #pass(pipe: Pipe, item: Item): Promise<void> | undefined {
    if (this.#silent) return undefined;
    switch (item.kind) {
      case 'message':
        return this.#passMessage(pipe, item);
      case 'raw':
        pipe.write(item.bytes);
        return undefined;
      case 'end':
        this.#exchanges.flush(pipe);
        // What came after the last whole message passes, too.
        pipe.write(pipe.received.takeAll());
        pipe.sink.end();
        return undefined;
      case 'closed':
        if (item.reset) pipe.sink.resetAndDestroy();
        else pipe.sink.destroySoon();
        return undefined;
      default:
        return item satisfies never;
    }
  }

  /** An error of a decoder or of this proxy ends one connection, and not the proxy. */
  #passMessage(
    pipe: Pipe,
    { message, bytes }: Extract<Item, { readonly kind: 'message' }>,
  ): Promise<void> | undefined {
    const fail = (error: unknown): void => {
      console.error(error);
      this.#options.onOpaque(`an error of the wire proxy: ${error}`);
      this.cut();
    };
    try {
      return this.#exchanges.pass(pipe, message, bytes)?.catch(fail);
    } catch (error) {
      fail(error);
      return undefined;
    }
  }

  /** From here on bytes pass as they come. */
  #goOpaque(error: unknown): void {
    this.#opaque = true;
    const reason = error instanceof Error ? error.message : String(error);
    for (const pipe of [this.#pipes.client, this.#pipes.server]) {
      this.#exchanges.flush(pipe);
      pipe.put({ kind: 'raw', bytes: pipe.received.takeAll() });
    }
    this.#exchanges.close(`the connection became opaque: ${reason}`);
    this.#options.onOpaque(reason);
  }
}
