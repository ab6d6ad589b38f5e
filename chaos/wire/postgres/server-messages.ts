/** What a Postgres server sends, cut into the answers to what the client asked. */
import type { Step } from '../message-reader.ts';
import { type Message, OpaqueError, type OperationEnd } from '../protocol.ts';
import { errorField, TYPE, textAt } from './messages.ts';
import type { Cycle, Session } from './session.ts';

const HEADER_BYTES = 5;
const MESSAGE_BYTES_MAX = 32 << 20;
const ENCRYPTED = new Set([...'SG'].map((answer) => answer.charCodeAt(0)));
const IN_NO_TRANSACTION = 'I'.charCodeAt(0);
/** What is kept of an answer to look for identifiers in. */
const CONTENT_BYTES_MAX = 1 << 20;

/** What has arrived of the answer to the first cycle. */
interface Progress {
  readonly tags: string[];
  readonly content: Buffer[];
  size: number;
  error: string | undefined;
  begun: boolean;
  /** What follows is no answer any more: the client copies rows in. */
  ended: boolean;
}

const newProgress = (): Progress => ({
  ...{ tags: [], content: [], size: 0, error: undefined, begun: false, ended: false },
});

export class ServerMessages {
  readonly #session: Session;
  #progress = newProgress();

  constructor(session: Session) {
    this.#session = session;
  }

  /** All whole messages that have arrived, up to the end of an answer. */
  next(unread: Buffer): Step {
    if (this.#session.phase === 'encryption') return this.#encryption(unread.subarray(0, 1));
    let at = 0;
    let ready = false;
    while (!ready && unread.length >= at + HEADER_BYTES) {
      const type = unread[at] as number;
      const size = 1 + unread.readInt32BE(at + 1);
      if (size < HEADER_BYTES || size > MESSAGE_BYTES_MAX) {
        throw new OpaqueError(`not a message of Postgres (${type}, ${size} bytes)`);
      }
      if (unread.length < at + size) {
        if (at === 0) return { needs: size };
        break;
      }
      if (type === TYPE.copyBoth) throw new OpaqueError('replication');
      ready = this.#note(type, unread.subarray(at, at + size));
      at += size;
    }
    if (at === 0) return { needs: HEADER_BYTES };
    const bytes = unread.subarray(0, at);
    return { message: this.#connected(bytes) ?? this.#answer(bytes, ready) };
  }

  #encryption(answer: Buffer): Step {
    if (ENCRYPTED.has(answer[0] as number)) throw new OpaqueError('TLS');
    this.#session.phase = 'startup';
    return { message: plain(answer) };
  }

  /** @returns whether it ends an answer */
  #note(type: number, bytes: Buffer): boolean {
    const { cycles } = this.#session;
    if (type === TYPE.ready) {
      this.#session.phase = 'ready';
      if (bytes[HEADER_BYTES] === IN_NO_TRANSACTION && cycles.length <= 1) {
        this.#session.endTransaction();
      }
      return true;
    }
    if (cycles.length === 0) return false;
    const progress = this.#progress;
    if (type === TYPE.complete) progress.tags.push(textAt(bytes, HEADER_BYTES));
    if (type === TYPE.error) progress.error = errorField(bytes, HEADER_BYTES, 'C') ?? 'XX000';
    return type === TYPE.copyIn;
  }

  /** The first answer to a connection that begins: what follows is authentication. */
  #connected(bytes: Buffer): Message | undefined {
    const operation = this.#session.connecting;
    if (operation === undefined) return undefined;
    this.#session.connecting = undefined;
    const { id } = operation;
    const failed = bytes[0] === TYPE.error;
    const end: OperationEnd = failed
      ? { id, outcome: 'error', code: errorField(bytes, HEADER_BYTES, 'C') ?? 'XX000' }
      : { id, outcome: 'ok' };
    return { ...plain(bytes), answers: [id], ends: [end] };
  }

  #answer(bytes: Buffer, last: boolean): Message {
    const { cycles } = this.#session;
    const [cycle] = cycles;
    if (cycle === undefined) return plain(bytes);
    const progress = this.#progress;
    const isReady = last && bytes[bytes.length - READY_BYTES] === TYPE.ready;
    if (isReady) {
      cycles.shift();
      this.#progress = newProgress();
    }
    if (cycle.copy) return { ...plain(bytes), surplus: true };
    if (progress.ended) return plain(bytes);
    if (progress.size + bytes.length <= CONTENT_BYTES_MAX) progress.content.push(bytes);
    progress.size += bytes.length;
    const answers = progress.begun ? [] : cycle.operations.map(({ operation }) => operation.id);
    progress.begun = true;
    progress.ended = last;
    return { ...plain(bytes), answers, ends: last ? endsOf(cycle, progress) : [] };
  }
}

/** Ready is a byte longer than its header. */
const READY_BYTES = HEADER_BYTES + 1;

const plain = (bytes: Buffer): Message => ({
  ...{ from: 'server', bytes, begins: [], answers: [], ends: [] },
});

/** The server tells by tags, in order, which statements it has done before an error. */
function endsOf({ operations }: Cycle, { tags, error, content }: Progress): OperationEnd[] {
  return operations.map(({ operation: { id, name }, statement }) => {
    const tag = statement === undefined ? undefined : tags[statement];
    if (tag === undefined) {
      return error === undefined ? { id, outcome: 'ok' } : { id, outcome: 'error', code: error };
    }
    if (name === 'pg.commit' && tag === 'ROLLBACK') {
      return { id, outcome: 'error', code: 'ROLLBACK' };
    }
    const rows = /\d+$/.exec(tag);
    const attributes = { tag, ...(rows ? { rows: Number(rows[0]) } : {}) };
    return { id, outcome: 'ok', attributes, content };
  });
}
