/** What a client of Postgres sends, cut into requests that the server answers as one. */
import { ByteQueue } from '../byte-queue.ts';
import { type Message, OpaqueError } from '../protocol.ts';
import { CANCEL_REQUEST, GSS_REQUEST, SSL_REQUEST, TYPE, textAt, VERSION_3 } from './messages.ts';
import type { Session } from './session.ts';
import type { Statement } from './statements.ts';

const STARTUP_BYTES_MAX = 10_000;
const MESSAGE_BYTES_MAX = 32 << 20;
const HEADER_BYTES = 5;
const TYPES: ReadonlySet<number> = new Set([...'QPBEDCSHXFdcfp'].map((type) => type.charCodeAt(0)));

export class ClientMessages {
  readonly #session: Session;
  readonly #received = new ByteQueue();
  /** Of the bytes received: messages that are whole and wait for a Sync or a Flush. */
  #grouped = 0;
  #statements: Statement[] = [];
  /** Of the same cycle, and sent before. */
  #flushed: Buffer[] = [];

  constructor(session: Session) {
    this.#session = session;
  }

  get pending(): Buffer {
    return this.#received.peek(this.#received.length) ?? Buffer.alloc(0);
  }

  read(bytes: Buffer): readonly Message[] {
    this.#received.push(bytes);
    const messages: Message[] = [];
    for (;;) {
      const next = this.#session.phase === 'startup' ? this.#startup() : this.#next();
      if (next === undefined) return messages;
      messages.push(next);
    }
  }

  #startup(): Message | undefined {
    const received = this.#received;
    const size = received.peek(4)?.readInt32BE();
    if (size === undefined) return undefined;
    if (size < 8 || size > STARTUP_BYTES_MAX) throw new OpaqueError('not Postgres');
    if (received.length < size) return undefined;
    const start = received.peek(size) as Buffer;
    const code = start.readInt32BE(4);
    if (code === SSL_REQUEST || code === GSS_REQUEST) {
      this.#session.phase = 'encryption';
      return plain(received.read(size));
    }
    if (code === CANCEL_REQUEST) return plain(received.read(size));
    if (code >>> 16 !== VERSION_3) throw new OpaqueError(`protocol version ${code >>> 16}`);
    const parameters = parametersOf(start);
    if (parameters['replication'] !== undefined) throw new OpaqueError('a replication connection');
    this.#session.phase = 'authentication';
    const { user = '', database = user } = parameters;
    const bytes = received.read(size);
    return { ...plain(bytes), begins: [this.#session.connect({ user, database }, bytes)] };
  }

  /** Messages up to one that the server answers at once. */
  #next(): Message | undefined {
    const received = this.#received;
    for (;;) {
      const head = received.peek(this.#grouped + HEADER_BYTES);
      if (head === undefined) return undefined;
      const type = head[this.#grouped] as number;
      const size = 1 + head.readInt32BE(this.#grouped + 1);
      if (!TYPES.has(type) || size < HEADER_BYTES || this.#grouped + size > MESSAGE_BYTES_MAX) {
        throw new OpaqueError(`not a message of Postgres, or a large one (${type}, ${size} bytes)`);
      }
      if (received.length < this.#grouped + size) return undefined;
      const whole = received.peek(this.#grouped + size) as Buffer;
      this.#note(type, whole.subarray(this.#grouped));
      this.#grouped += size;
      if (ENDS_GROUP.has(type)) return this.#group(type);
    }
  }

  #group(type: number): Message {
    const bytes = this.#received.read(this.#grouped);
    this.#grouped = 0;
    if (type === TYPE.flush) {
      // The operations begin with the Sync: the server is ready only after it.
      this.#flushed.push(bytes);
      return plain(bytes);
    }
    if (!ANSWERED.has(type)) return plain(bytes);
    const all = [...this.#flushed, bytes];
    const operations = this.#session.operations(this.#statements, all);
    this.#statements = [];
    this.#flushed = [];
    return this.#session.cycle(bytes, operations);
  }

  /** Remembers what a message says that later ones refer to. */
  #note(type: number, bytes: Buffer): void {
    const { prepared, portals } = this.#session;
    switch (type) {
      case TYPE.query:
        this.#statements.push(...this.#session.statements(textAt(bytes, HEADER_BYTES)));
        break;
      case TYPE.parse: {
        const name = textAt(bytes, HEADER_BYTES);
        const text = textAt(bytes, HEADER_BYTES + Buffer.byteLength(name) + 1);
        prepared.set(name, text);
        break;
      }
      case TYPE.bind: {
        const portal = textAt(bytes, HEADER_BYTES);
        const name = textAt(bytes, HEADER_BYTES + Buffer.byteLength(portal) + 1);
        portals.set(portal, prepared.get(name) ?? '');
        break;
      }
      case TYPE.execute: {
        const text = portals.get(textAt(bytes, HEADER_BYTES)) ?? '';
        this.#statements.push(...this.#session.statements(text));
        break;
      }
      case TYPE.close: {
        const names = bytes[HEADER_BYTES] === 'S'.charCodeAt(0) ? prepared : portals;
        names.delete(textAt(bytes, HEADER_BYTES + 1));
        break;
      }
      default:
    }
  }
}

const ENDS_GROUP: ReadonlySet<number> = new Set([
  ...[TYPE.query, TYPE.sync, TYPE.flush, TYPE.terminate, TYPE.functionCall],
  ...[TYPE.copyData, TYPE.copyDone, TYPE.copyFail, TYPE.password],
]);
const ANSWERED: ReadonlySet<number> = new Set([TYPE.query, TYPE.sync, TYPE.functionCall]);

const plain = (bytes: Buffer): Message => ({
  ...{ from: 'client', bytes, begins: [], answers: [], ends: [] },
});

function parametersOf(start: Buffer): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (let at = 8; at < start.length && start[at] !== 0; ) {
    const name = textAt(start, at);
    at += Buffer.byteLength(name) + 1;
    const value = textAt(start, at);
    at += Buffer.byteLength(value) + 1;
    parameters[name] = value;
  }
  return parameters;
}
