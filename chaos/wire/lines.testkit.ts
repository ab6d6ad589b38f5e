/** A protocol of lines for tests of the proxy: `ask <text>` is answered by `answer <text>`. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll } from 'vitest';
import { onLine } from '../../harness/links/wire-lines.ts';
import type { WireHit, WireRule } from '../../harness/links/wire-rules.ts';
import { ByteQueue } from './byte-queue.ts';
import {
  type Decoder,
  type Message,
  OpaqueError,
  type Operation,
  type Protocol,
  type Side,
} from './protocol.ts';
import { WireProxy } from './proxy.ts';
import { Recorder } from './recorder.ts';
import { RuleBook } from './rules.ts';

const HOST = '127.0.0.1';
const NEWLINE = 0x0a;

class LineDecoder implements Decoder {
  readonly #received = { client: new ByteQueue(), server: new ByteQueue() };
  readonly #expected: { id: number; surplus: boolean }[] = [];
  readonly #forwarded = new WeakSet<Operation>();
  #ids = 0;

  read(from: Side, bytes: Buffer): readonly Message[] {
    const received = this.#received[from];
    let before = received.length;
    received.push(bytes);
    const messages: Message[] = [];
    for (let at = 0; ; ) {
      const end = bytes.indexOf(NEWLINE, at);
      if (end < 0) return messages;
      messages.push(this.#message(from, received.read(before + end + 1 - at)));
      before = 0;
      at = end + 1;
    }
  }

  pending(from: Side): Buffer {
    const received = this.#received[from];
    return received.peek(received.length) ?? Buffer.alloc(0);
  }

  forward(message: Message): Buffer {
    const [operation] = message.begins;
    if (operation) {
      this.#expected.push({ id: operation.id, surplus: this.#forwarded.has(operation) });
      this.#forwarded.add(operation);
    }
    return message.bytes;
  }

  errorAnswer(operation: Operation, code: string): Buffer {
    return Buffer.from(`error ${code} ${operation.attributes['text']}\n`);
  }

  #message(from: Side, bytes: Buffer): Message {
    const [verb = '', ...words] = bytes.toString().trimEnd().split(' ');
    const text = words.join(' ');
    const empty = { from, bytes, begins: [], answers: [], ends: [] };
    if (from === 'client') {
      if (verb !== 'ask') throw new OpaqueError(`not a question: ${verb}`);
      this.#ids += 1;
      const operation = {
        ...{ id: this.#ids, name: 'lines.ask', attributes: { text }, content: [bytes] },
      };
      return { ...empty, begins: [operation] };
    }
    // A part of an answer that goes on.
    if (verb === 'more') {
      return { ...empty, answers: [this.#expected[0]?.id ?? 0] };
    }
    const answered = this.#expected.shift();
    if (answered === undefined) return empty;
    if (answered.surplus) return { ...empty, surplus: true };
    const { id } = answered;
    const end = { id, outcome: 'ok' as const, attributes: { answer: text }, content: [bytes] };
    return { ...empty, answers: [id], ends: [end] };
  }
}

export const lines: Protocol = {
  name: 'lines',
  operations: ['lines.ask'],
  open: () => new LineDecoder(),
};

export const LINK = 'service→dependency';

/** Answers each `ask <text>` by `answer <text>`, and remembers what it was asked. */
function dependency(asked: string[]): Server {
  return createServer((socket) => {
    socket.on('error', () => undefined);
    onLine(socket, (line) => {
      asked.push(line);
      if (line.startsWith('ask many ')) socket.write(`more of ${line.slice(9)}\n`);
      socket.write(`${line.replace(/^ask/, 'answer')}\n`);
    });
  });
}

/** One connection of the service. */
export interface Caller extends Disposable {
  readonly socket: Socket;
  readonly received: string[];
  readonly closed: Promise<unknown>;
  send(text: string): void;
  /** The next line that has not been returned before. */
  next(): Promise<string>;
}

export interface Armed {
  readonly id: string;
  readonly hits: WireHit[];
  readonly failures: string[];
  /** Resolves with the first hit. */
  readonly hit: Promise<WireHit>;
}

export interface LinesProxy {
  readonly asked: string[];
  readonly proxy: () => WireProxy;
  call(): Promise<Caller>;
  arm(rule: Omit<WireRule, 'link' | 'operation'>): Armed;
}

/** Call it in a `describe`. */
export function useLinesProxy(protocol: Protocol = lines): LinesProxy {
  const asked: string[] = [];
  const server = dependency(asked);
  const rules = new RuleBook();
  const proxy = new WireProxy(rules, new Recorder(() => 'http'));
  let listen = '';
  beforeAll(async () => {
    server.listen(0, HOST);
    await once(server, 'listening');
    const upstream = `${HOST}:${(server.address() as AddressInfo).port}`;
    listen = `${HOST}:${await freePort()}`;
    await proxy.listen({ name: LINK, listen, upstream, protocol });
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    server.close();
  });
  return {
    asked,
    proxy: () => proxy,
    call: () => callTo(listen),
    arm(rule) {
      const hits: WireHit[] = [];
      const failures: string[] = [];
      const { promise: hit, resolve } = Promise.withResolvers<WireHit>();
      const owner = {
        onHit(one: WireHit) {
          hits.push(one);
          resolve(one);
        },
        onFailure: (_: string, reason: string) => void failures.push(reason),
      };
      const { id } = rules.arm({ link: LINK, operation: 'lines.ask', ...rule }, owner);
      return { id, hits, failures, hit };
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function callTo(address: string): Promise<Caller> {
  const [host = '', port = ''] = address.split(':');
  const socket = connect({ host, port: Number(port) });
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  const received: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let read = 0;
  onLine(socket, (line) => {
    received.push(line);
    if (waiting.length > 0) {
      read += 1;
      waiting.shift()?.(line);
    }
  });
  return {
    socket,
    received,
    closed,
    send: (text) => void socket.write(`${text}\n`),
    async next() {
      const line = received[read];
      if (line !== undefined) {
        read += 1;
        return line;
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}
