/**
 * MongoDB's wire protocol: OP_MSG, what drivers greet a server with, and compression by zlib and
 * zstd. An answer names its request; further answers to it (exhaust cursors) are no operations.
 */
import { MessageReader, type Step } from '../message-reader.ts';
import type { Decoder, Message, Operation, OperationEnd, Protocol, Side } from '../protocol.ts';
import { answerTo, type Document, type MongoMessage, messageAt } from './mongodb-message.ts';

const COMMANDS = [
  ...['insert', 'update', 'delete', 'find', 'findAndModify', 'aggregate', 'count', 'distinct'],
  ...['getMore', 'killCursors', 'bulkWrite', 'commitTransaction', 'abortTransaction'],
  ...['create', 'createIndexes', 'dropIndexes', 'listIndexes', 'listCollections', 'drop'],
  ...['dropDatabase', 'hello', 'isMaster', 'ping', 'buildInfo', 'endSessions'],
  ...['saslStart', 'saslContinue', 'replSetGetStatus', 'collStats', 'dbStats', 'serverStatus'],
];
/** By any spelling: some commands had two. */
const COMMAND_OF = new Map(COMMANDS.map((name) => [name.toLowerCase(), name]));
/** A command that the table does not have; the attribute `command` has its name. */
const OTHER = 'other';
const TEXT_CHARACTERS_MAX = 256;

/** Codes of errors by which drivers decide whether to retry. */
const ERRORS: Readonly<Record<string, number>> = {
  HostUnreachable: 6,
  NetworkTimeout: 89,
  ShutdownInProgress: 91,
  WriteConflict: 112,
  PrimarySteppedDown: 189,
  NoSuchTransaction: 251,
  ExceededTimeLimit: 262,
  NotWritablePrimary: 10107,
  DuplicateKey: 11000,
  InterruptedAtShutdown: 11600,
};

interface Asked {
  readonly operation: Operation;
  /** How often the server has got it and has not answered. */
  open: number;
  isAnswered: boolean;
}

class MongoDecoder implements Decoder {
  readonly #reader = new MessageReader();
  readonly #asked = new Map<number, Asked>();
  readonly #requestOf = new WeakMap<Message | Operation, number>();
  #lastId = 0;

  read(from: Side, bytes: Buffer): Message[] {
    return this.#reader.read(from, bytes, (unread) => this.#next(from, unread));
  }

  pending(from: Side): Buffer {
    return this.#reader.pending(from);
  }

  forward(message: Message): Buffer {
    const requestId = this.#requestOf.get(message);
    const [operation] = message.begins;
    if (requestId === undefined || !operation) return message.bytes;
    const asked = this.#asked.get(requestId);
    if (asked?.operation === operation) asked.open += 1;
    else this.#asked.set(requestId, { operation, open: 1, isAnswered: false });
    return message.bytes;
  }

  errorAnswer(operation: Operation, code: string): Buffer | undefined {
    const requestId = this.#requestOf.get(operation);
    const number = ERRORS[code];
    if (requestId === undefined || number === undefined) return undefined;
    const errmsg = `the wire proxy answered with ${code}`;
    return answerTo(requestId, { ok: 0, errmsg, code: number, codeName: code });
  }

  #next(from: Side, unread: Buffer): Step {
    const found = messageAt(unread);
    if (typeof found === 'number') return { needs: found };
    const bytes = unread.subarray(0, found.length);
    return {
      message: from === 'client' ? this.#request(bytes, found) : this.#answer(bytes, found),
    };
  }

  #request(bytes: Buffer, { requestId, body, content, moreToCome }: MongoMessage): Message {
    const operation: Operation = { id: ++this.#lastId, ...named(body), content: [content] };
    const end: OperationEnd = { id: operation.id, outcome: 'ok' };
    const message: Message = {
      ...{ from: 'client', bytes, begins: [operation], answers: [] },
      ends: moreToCome ? [end] : [],
    };
    this.#requestOf.set(operation, requestId);
    // One that is not acknowledged has no answer.
    if (!moreToCome) this.#requestOf.set(message, requestId);
    return message;
  }

  #answer(bytes: Buffer, { responseTo, body, content }: MongoMessage): Message {
    const plain: Message = { from: 'server', bytes, begins: [], answers: [], ends: [] };
    const asked = this.#asked.get(responseTo);
    if (!asked) return plain;
    asked.open -= 1;
    if (asked.open === 0) this.#asked.delete(responseTo);
    if (asked.isAnswered) return { ...plain, surplus: true };
    asked.isAnswered = true;
    const { id } = asked.operation;
    return { ...plain, answers: [id], ends: [{ ...endOf(id, body), content: [content] }] };
  }
}

/** The first element of a command is its name; its value is most often a collection. */
function named(body: Document): Pick<Operation, 'name' | 'attributes'> {
  const [written = ''] = body.names;
  const command = COMMAND_OF.get(written.toLowerCase());
  const target = written === 'getMore' ? body.get('collection') : body.get(written);
  const database = body.get('$db');
  return {
    name: `mongodb.${command ?? OTHER}`,
    attributes: {
      ...(typeof target === 'string' ? { collection: target.slice(0, TEXT_CHARACTERS_MAX) } : {}),
      ...(typeof database === 'string' ? { database: database.slice(0, TEXT_CHARACTERS_MAX) } : {}),
      ...(command === undefined ? { command: written.slice(0, TEXT_CHARACTERS_MAX) } : {}),
    },
  };
}

function endOf(id: number, body: Document): OperationEnd {
  const numbers = ['n', 'nModified'].flatMap((name) => {
    const value = body.get(name);
    return typeof value === 'number' ? [[name, value] as const] : [];
  });
  const attributes = Object.fromEntries(numbers);
  const failed = body.get('ok') === 0 ? body : firstError(body);
  if (!failed) return { id, outcome: 'ok', attributes };
  const number = failed.get('code');
  const name = Object.keys(ERRORS).find((key) => ERRORS[key] === number);
  const code = String(failed.get('codeName') ?? name ?? number ?? '');
  return { id, outcome: 'error', code, attributes };
}

/** A write can fail within an answer that is otherwise ok. */
const firstError = (body: Document): Document | undefined =>
  body.document('writeErrors')?.document('0') ?? body.document('writeConcernError');

export const mongodb: Protocol = {
  name: 'mongodb',
  operations: [...COMMANDS, OTHER].map((name) => `mongodb.${name}`),
  multiplexed: true,
  open: () => new MongoDecoder(),
};
