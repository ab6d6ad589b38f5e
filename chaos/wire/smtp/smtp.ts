/**
 * SMTP without TLS: each command is an operation, and the text of a mail is one of its own. After
 * STARTTLS a connection is opaque. Servers answer commands in their order, also pipelined ones.
 */
import { MessageReader, type Step } from '../message-reader.ts';
import type { OperationAttributes, OperationEnd, Protocol, Side } from '../protocol.ts';
import { type Decoder, type Message, OpaqueError, type Operation } from '../protocol.ts';

const VERBS = ['ehlo', 'helo', 'mail', 'rcpt', 'data', 'rset', 'noop', 'quit', 'vrfy', 'auth'];
/** The command; `smtp.data` is the text of the mail, whose reply says that it was taken. */
const DATA_COMMAND = 'data-command';
const OTHER = 'other';
/** RFC 5321 allows 512 and 1,000 bytes; extensions make commands longer. */
const LINE_BYTES_MAX = 16 * 1024;
const MAIL_BYTES_MAX = 16 * 1024 * 1024;
const END_OF_MAIL = '\r\n.\r\n';

const TEXTS: Readonly<Record<string, string>> = {
  421: 'Service not available, closing transmission channel',
  450: 'Mailbox unavailable, try again later',
  451: 'Local error in processing, try again later',
  452: 'Insufficient system storage',
  550: 'Mailbox unavailable',
  552: 'Exceeded storage allocation',
  554: 'Transaction failed',
};

interface Expected {
  readonly operation: Operation;
  readonly verb: string;
  readonly isSurplus: boolean;
}

class SmtpDecoder implements Decoder {
  readonly #reader = new MessageReader();
  readonly #sent = new WeakMap<Message, Omit<Expected, 'isSurplus'>>();
  readonly #expected: Expected[] = [];
  /** Of the mail that is being sent: its content is searched for identifiers of all of them. */
  #envelope: Buffer[] = [];
  /** The server has accepted DATA, or a part of AUTH. */
  #expects: 'command' | 'mail' | 'line' = 'command';
  #lastId = 0;

  read(from: Side, bytes: Buffer): Message[] {
    const next = from === 'client' ? this.#request : this.#reply;
    return this.#reader.read(from, bytes, next);
  }

  pending(from: Side): Buffer {
    return this.#reader.pending(from);
  }

  forward(message: Message): Buffer | undefined {
    const sent = this.#sent.get(message);
    if (!sent) return message.bytes;
    const isSurplus = this.#expected.some(({ operation }) => operation === sent.operation);
    // A server that expects a mail takes anything for it.
    if (isSurplus && sent.verb === DATA_COMMAND) return undefined;
    this.#expected.push({ ...sent, isSurplus });
    return message.bytes;
  }

  errorAnswer(_operation: Operation, code: string): Buffer | undefined {
    if (!/^[45]\d\d$/.test(code)) return undefined;
    return Buffer.from(`${code} ${TEXTS[code] ?? 'answered by the wire proxy'}\r\n`);
  }

  #request = (unread: Buffer): Step => {
    if (this.#expects === 'mail') return this.#mail(unread);
    const end = unread.indexOf('\n');
    const line = unread.toString('latin1', 0, end === -1 ? unread.length : end);
    if (line.length > LINE_BYTES_MAX || /[^\t\r -~\x80-\xff]/.test(line)) {
      throw new OpaqueError('no command of SMTP');
    }
    if (end === -1) return { needs: unread.length + 1 };
    const bytes = unread.subarray(0, end + 1);
    // The secrets of AUTH, line by line, belong to its operation.
    if (this.#expects === 'line') return { message: plain('client', bytes) };
    const verb = /^[A-Za-z]+/.exec(line)?.[0].toLowerCase() ?? '';
    if (verb === 'starttls') throw new OpaqueError('TLS');
    if (verb === 'bdat') throw new OpaqueError('a mail in chunks');
    if (verb === 'mail' || verb === 'rset') this.#envelope = [];
    if (verb === 'mail' || verb === 'rcpt') this.#envelope.push(bytes);
    const isKnown = VERBS.includes(verb);
    const attributes = isKnown ? addressIn(line) : { command: verb };
    const name = verb === 'data' ? DATA_COMMAND : isKnown ? verb : OTHER;
    return { message: this.#begin(bytes, name, attributes, [bytes]) };
  };

  #mail(unread: Buffer): Step {
    const isEmpty = unread.toString('latin1', 0, 3) === '.\r\n';
    const end = isEmpty ? 3 : unread.indexOf(END_OF_MAIL) + END_OF_MAIL.length;
    if (!isEmpty && end < END_OF_MAIL.length) {
      if (unread.length > MAIL_BYTES_MAX) throw new OpaqueError('a mail that does not end');
      return { needs: unread.length + 1 };
    }
    const bytes = unread.subarray(0, end);
    this.#expects = 'command';
    const attributes = { bytes: end };
    return { message: this.#begin(bytes, 'data', attributes, [bytes, ...this.#envelope]) };
  }

  #begin(
    bytes: Buffer,
    verb: string,
    attributes: OperationAttributes,
    content: readonly Buffer[],
  ): Message {
    const operation = { id: ++this.#lastId, name: `smtp.${verb}`, attributes, content };
    const message = { ...plain('client', bytes), begins: [operation] };
    this.#sent.set(message, { operation, verb });
    return message;
  }

  /** One or more lines: `250-` goes on, `250 ` ends. */
  #reply = (unread: Buffer): Step => {
    for (let at = 0; at < unread.length; ) {
      const end = unread.indexOf('\n', at);
      const line = unread.toString('latin1', at, end === -1 ? unread.length : end);
      const isReply = end === -1 ? /^(\d{0,3}|\d{3}[ -].*|\d{3}\r)$/s : /^\d{3}([ -].*)?\r?$/s;
      if (!isReply.test(line) || line.length > LINE_BYTES_MAX) {
        throw new OpaqueError('no reply of SMTP');
      }
      if (end === -1) break;
      at = end + 1;
      if (line[3] !== '-')
        return { message: this.#answer(unread.subarray(0, at), line.slice(0, 3)) };
    }
    return { needs: unread.length + 1 };
  };

  #answer(bytes: Buffer, code: string): Message {
    // The greeting comes without a command.
    const expected = this.#expected.shift();
    if (!expected) return plain('server', bytes);
    const { operation, verb, isSurplus } = expected;
    if (isSurplus) return { ...plain('server', bytes), surplus: true };
    const { id } = operation;
    if (code === '334') {
      // AUTH goes on: the answer of the client is a line, and this is not its end.
      this.#expects = 'line';
      this.#expected.unshift(expected);
      return plain('server', bytes);
    }
    this.#expects = verb === DATA_COMMAND && code === '354' ? 'mail' : 'command';
    const more = { attributes: { reply: Number(code) }, content: [bytes] };
    const end: OperationEnd = /^[45]/.test(code)
      ? { id, outcome: 'error', code, ...more }
      : { id, outcome: 'ok', ...more };
    return { ...plain('server', bytes), answers: [id], ends: [end] };
  }
}

const plain = (from: Side, bytes: Buffer): Message => ({
  ...{ from, bytes, begins: [], answers: [], ends: [] },
});

/** `MAIL FROM:<a@b>` and `RCPT TO:<a@b>`. */
function addressIn(line: string): OperationAttributes {
  const address = /^(?:MAIL FROM|RCPT TO):\s*<([^>]*)>/i.exec(line)?.[1];
  return address === undefined ? {} : { address };
}

export const smtp: Protocol = {
  name: 'smtp',
  operations: [...VERBS, DATA_COMMAND, OTHER].map((verb) => `smtp.${verb}`),
  open: () => new SmtpDecoder(),
};
