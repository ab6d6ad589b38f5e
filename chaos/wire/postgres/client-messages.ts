/** What a client of Postgres sends, cut into requests that the server answers as one. */
import type { Step } from '../message-reader.ts';
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
  /** Of the unread bytes: messages that are whole and wait for a Sync or a Flush. */
  #grouped = 0;
  #statements: Statement[] = [];
  /** Of the same cycle, and sent before. */
  #flushed: Buffer[] = [];

  constructor(session: Session) {
    this.#session = session;
  }

  next(unread: Buffer): Step {
    return this.#session.phase === 'startup' ? this.#startup(unread) : this.#next(unread);
  }

  #startup(unread: Buffer): Step {
    if (unread.length < 8) return { needs: 8 };
    const size = unread.readInt32BE();
    if (size < 8 || size > STARTUP_BYTES_MAX) throw new OpaqueError('not Postgres');
    if (unread.length < size) return { needs: size };
    const bytes = unread.subarray(0, size);
    const code = bytes.readInt32BE(4);
    if (code === SSL_REQUEST || code === GSS_REQUEST) {
      this.#session.phase = 'encryption';
      return { message: plain(bytes) };
    }
    if (code === CANCEL_REQUEST) return { message: plain(bytes) };
    if (code >>> 16 !== VERSION_3) throw new OpaqueError(`not Postgres, version ${code >>> 16}`);
    const parameters = parametersOf(bytes);
    if (parameters['replication'] !== undefined) throw new OpaqueError('a replication connection');
    this.#session.phase = 'authentication';
    const { user = '', database = user } = parameters;
    const begins = [this.#session.connect({ user, database }, bytes)];
    return { message: { ...plain(bytes), begins } };
  }

  /** Messages up to one that the server answers at once. */
  #next(unread: Buffer): Step {
    for (;;) {
      const at = this.#grouped;
      if (unread.length < at + HEADER_BYTES) return { needs: at + HEADER_BYTES };
      const type = unread[at] as number;
      const size = 1 + unread.readInt32BE(at + 1);
      if (!TYPES.has(type) || size < HEADER_BYTES || at + size > MESSAGE_BYTES_MAX) {
        throw new OpaqueError(`not a message of Postgres, or a large one (${type}, ${size} bytes)`);
      }
      if (unread.length < at + size) return { needs: at + size };
      this.#note(type, unread.subarray(at, at + size));
      this.#grouped += size;
      if (ENDS_GROUP.has(type)) return { message: this.#group(type, unread) };
    }
  }

  #group(type: number, unread: Buffer): Message {
    const bytes = unread.subarray(0, this.#grouped);
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
