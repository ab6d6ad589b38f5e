/**
 * Redis: RESP2 and RESP3 with pipelines, transactions, scripts and pushes.
 *
 * Redis answers requests in the order in which it gets them; pushes come in between. A command in a
 * transaction is answered with QUEUED and takes effect with EXEC, whose content has all of them.
 */
import { MessageReader, type Step } from '../message-reader.ts';
import type { Decoder, Message, Operation, OperationEnd, Protocol, Side } from '../protocol.ts';
import { OpaqueError } from '../protocol.ts';
import { nameCommand, OPERATIONS, textOf } from './commands.ts';
import { commandAt, firstTexts, typeOf, ValueScanner } from './resp.ts';

/** After these the connection no longer answers each request once. */
const ENDS_DECODING = new Set(['monitor', 'sync', 'psync']);
const SUBSCRIBES = /^[ps]?subscribe$/;
const UNSUBSCRIBES = /^([ps]?)unsubscribe$/;
const MESSAGE = /^[ps]?message$/;
const EFFECTS_CHARACTERS_MAX = 200;

/** What Redis says with these codes. */
const ERRORS: Readonly<Record<string, string>> = {
  READONLY: "You can't write against a read only replica.",
  OOM: "command not allowed when used memory > 'maxmemory'.",
  NOREPLICAS: 'Not enough good replicas to write.',
  MISCONF: 'Redis is configured to save RDB snapshots, but is unable to persist to disk.',
  LOADING: 'Redis is loading the dataset in memory',
  BUSY: 'Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
  NOSCRIPT: 'No matching script. Please use EVAL.',
  MASTERDOWN: "Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  CLUSTERDOWN: 'The cluster is down',
  TRYAGAIN: 'Multiple keys request during rehashing of slot',
  EXECABORT: 'Transaction discarded because of previous errors.',
  ERR: 'the wire proxy answered with an error',
};

const DISCARD = Buffer.from('*1\r\n$7\r\nDISCARD\r\n');
/** Redis refuses a transaction with a command that it could not queue. */
const UNKNOWN_COMMAND = Buffer.from('*1\r\n$18\r\nREFUSED-BY-A-RULE!\r\n');

/** An answer that the server has yet to give. */
interface Expected {
  readonly operation: Operation;
  readonly verb: string;
  /** Confirmations of a subscription; 1 for everything else. */
  left: number;
  /** No part of the answer has come. */
  isNew: boolean;
  readonly isSurplus: boolean;
}

type Planned = Pick<Expected, 'operation' | 'verb'> & { readonly replies: number };

class RedisDecoder implements Decoder {
  readonly #reader = new MessageReader();
  readonly #values = new ValueScanner();
  readonly #planned = new WeakMap<Message, Planned>();
  readonly #expected: Expected[] = [];
  readonly #subscriptions = new Map<string, Set<string>>();
  #transaction: Message[] | undefined;
  /** As the server counts; above 0 in RESP2, arrays can be messages of channels. */
  #subscribed = 0;
  #nextId = 1;

  read(from: Side, bytes: Buffer): Message[] {
    const next = from === 'client' ? this.#request : this.#value;
    return this.#reader.read(from, bytes, next);
  }

  pending(from: Side): Buffer {
    return this.#reader.pending(from);
  }

  forward(message: Message): Buffer {
    const planned = this.#planned.get(message);
    if (planned) {
      const { operation, verb, replies } = planned;
      const isSurplus = this.#expected.some((other) => other.operation === operation);
      this.#expected.push({ operation, verb, left: replies, isNew: true, isSurplus });
    }
    return message.bytes;
  }

  errorAnswer({ name }: Operation, code: string): Buffer | undefined {
    if (/^redis\.(message|push)$/.test(name) || !/^[A-Z]+$/.test(code)) return undefined;
    return Buffer.from(`-${code} ${ERRORS[code] ?? ERRORS['ERR']}\r\n`);
  }

  /** So that the server is in the state of the client: no transaction, or one that is to fail. */
  insteadOf({ name, attributes }: Operation): Buffer | undefined {
    if (name === 'redis.exec') return DISCARD;
    return attributes['queued'] === true ? UNKNOWN_COMMAND : undefined;
  }

  #request = (unread: Buffer): Step => {
    const command = commandAt(unread);
    if (command.needs !== undefined) return { needs: command.needs };
    const bytes = unread.subarray(0, command.length);
    const empty = { from: 'client' as const, bytes, answers: [], ends: [] };
    if (command.words.length === 0) return { message: { ...empty, begins: [] } };
    const { verb, name, attributes } = nameCommand(command.words);
    const isSilenced = verb === 'client' && /^reply$/i.test(textOf(command.words[1] ?? bytes));
    if (ENDS_DECODING.has(verb) || isSilenced) {
      throw new OpaqueError(`after ${verb.toUpperCase()} requests are not answered one by one`);
    }
    const queued = this.#transaction;
    const isQueued = queued !== undefined && !/^(exec|discard|multi|watch|reset|quit)$/.test(verb);
    const committed = verb === 'exec' ? (queued ?? []) : [];
    const operation: Operation = {
      id: this.#nextId++,
      name,
      attributes: {
        ...attributes,
        ...(isQueued ? { queued: true } : {}),
        ...(committed.length > 0 ? effectsOf(committed) : {}),
      },
      content: [bytes, ...committed.map((message) => message.bytes)],
    };
    const message: Message = { ...empty, begins: [operation] };
    if (isQueued) queued.push(message);
    if (verb === 'multi') this.#transaction = [];
    if (/^(exec|discard|reset)$/.test(verb)) this.#transaction = undefined;
    const replies = this.#repliesTo(verb, command.words.slice(1));
    this.#planned.set(message, { operation, verb, replies });
    return { message };
  };

  /** Each channel of a subscription is confirmed on its own. */
  #repliesTo(verb: string, words: readonly Buffer[]): number {
    if (verb === 'reset') this.#subscriptions.clear();
    const kind = UNSUBSCRIBES.exec(verb)?.[1] ?? (SUBSCRIBES.test(verb) ? verb.slice(0, -9) : null);
    if (kind === null) return 1;
    const channels = this.#subscriptions.get(kind) ?? new Set();
    this.#subscriptions.set(kind, channels);
    if (SUBSCRIBES.test(verb)) {
      for (const word of words) channels.add(word.toString('latin1'));
    } else if (words.length === 0) {
      const all = channels.size;
      channels.clear();
      return Math.max(1, all);
    } else {
      for (const word of words) channels.delete(word.toString('latin1'));
    }
    return Math.max(1, words.length);
  }

  #value = (unread: Buffer): Step => {
    const { length, needs } = this.#values.scan(unread);
    if (length === undefined) return { needs };
    const bytes = unread.subarray(0, length);
    const type = typeOf(bytes);
    if (type === '>' || (type === '*' && this.#subscribed > 0)) {
      const [kind = '', ...words] = firstTexts(bytes, 3);
      if (MESSAGE.test(kind)) return { message: this.#pushed(bytes, 'message', kind, words) };
      if (type === '>' && !this.#confirms(kind)) {
        return { message: this.#pushed(bytes, 'push', kind, words) };
      }
    }
    return { message: this.#answer(bytes, type) };
  };

  #confirms(kind: string): boolean {
    return this.#expected[0]?.verb === kind;
  }

  #pushed(bytes: Buffer, verb: string, kind: string, [channel = '']: string[]): Message {
    const operation: Operation = {
      id: this.#nextId++,
      name: `redis.${verb}`,
      attributes: verb === 'message' ? { kind, channel: channel.slice(0, 256) } : { kind },
      content: [bytes],
    };
    const ends: OperationEnd[] = [{ id: operation.id, outcome: 'ok' }];
    return { from: 'server', bytes, begins: [operation], answers: [], ends };
  }

  #answer(bytes: Buffer, type: string): Message {
    const isError = type === '-' || type === '!';
    const [expected] = this.#expected;
    const plain: Message = { from: 'server', bytes, begins: [], answers: [], ends: [] };
    // What Redis says before any request: too many clients, protected mode.
    if (!expected) return plain;
    const { operation, verb, isNew, isSurplus } = expected;
    if (/subscribe$/.test(verb) && type === '*') {
      const [kind, , count] = firstTexts(bytes, 3);
      if (kind === verb) this.#subscribed = Number(count) || 0;
    }
    if (verb === 'reset') this.#subscribed = 0;
    expected.isNew = false;
    expected.left = isError ? 0 : expected.left - 1;
    if (expected.left === 0) this.#expected.shift();
    if (isSurplus) return { ...plain, surplus: true };
    const end: OperationEnd = isError
      ? { id: operation.id, outcome: 'error', code: codeOf(bytes, type), content: [bytes] }
      : { id: operation.id, outcome: 'ok', content: [bytes], ...endOf(verb, bytes) };
    return {
      ...plain,
      answers: isNew ? [operation.id] : [],
      ends: expected.left === 0 ? [end] : [],
    };
  }
}

/** `-READONLY You can't …`, or the same as a bulk string with a length before it. */
function codeOf(bytes: Buffer, type: string): string {
  const at = type === '-' ? 1 : bytes.indexOf('\n') + 1;
  return /^[^\s]*/.exec(bytes.toString('latin1', at, at + 64))?.[0] ?? '';
}

/** Commands that a transaction makes effective together. */
function effectsOf(committed: readonly Message[]): { key?: string; effects: string } {
  const operations = committed.flatMap(({ begins }) => begins);
  const key = operations.find(({ attributes }) => attributes['key'] !== undefined);
  const verbs = operations.map(({ name }) => name.slice('redis.'.length)).join(' ');
  return {
    effects: verbs.slice(0, EFFECTS_CHARACTERS_MAX),
    ...(key ? { key: String(key.attributes['key']) } : {}),
  };
}

/** A transaction whose watched key was changed has no effect, and is no error. */
function endOf(verb: string, bytes: Buffer): Pick<OperationEnd, 'attributes'> {
  const isNull = /^(\*-1|\$-1|_)\r\n$/.test(bytes.toString('latin1', 0, 8));
  return verb === 'exec' && isNull ? { attributes: { aborted: true } } : {};
}

export const redis: Protocol = {
  name: 'redis',
  operations: OPERATIONS,
  open: () => new RedisDecoder(),
};
