/** Postgres's protocol, version 3: https://www.postgresql.org/docs/current/protocol.html */
import { MessageReader } from '../message-reader.ts';
import type { Decoder, Message, Operation, Protocol, Side } from '../protocol.ts';
import { ClientMessages } from './client-messages.ts';
import { errorAndReady, query, SYNC } from './messages.ts';
import { ServerMessages } from './server-messages.ts';
import { Session } from './session.ts';

export const postgres = (): Protocol => ({
  name: 'pg',
  operations: ['pg.connect', 'pg.begin', 'pg.commit', 'pg.rollback', 'pg.query'],
  open: () => new PostgresDecoder(),
});

class PostgresDecoder implements Decoder {
  readonly #reader = new MessageReader();
  readonly #session = new Session();
  readonly #client = new ClientMessages(this.#session);
  readonly #server = new ServerMessages(this.#session);

  read(from: Side, bytes: Buffer): readonly Message[] {
    const messages = from === 'client' ? this.#client : this.#server;
    return this.#reader.read(from, bytes, (unread) => messages.next(unread));
  }

  pending(from: Side): Buffer {
    return this.#reader.pending(from);
  }

  forward(message: Message): Buffer {
    if (message.from === 'client') this.#session.forward(message);
    return message.bytes;
  }

  errorAnswer(operation: Operation, code: string): Buffer | undefined {
    if (operation.name === 'pg.connect') return undefined;
    const failed = operation.name === 'pg.query' && operation.attributes['autocommit'] !== true;
    return errorAndReady(code, failed ? 'E' : 'I');
  }

  /** What leaves the server's transaction in the state that the error tells of. */
  insteadOf(operation: Operation, code: string): Buffer | undefined {
    if (operation.name === 'pg.commit' || operation.name === 'pg.rollback') {
      return operation.attributes['autocommit'] === true ? SYNC : query('ROLLBACK');
    }
    if (operation.name !== 'pg.query' || operation.attributes['autocommit'] === true) return SYNC;
    return query(`DO $$BEGIN RAISE EXCEPTION USING ERRCODE = '${code.replace(/\W/g, '')}'; END$$`);
  }
}
