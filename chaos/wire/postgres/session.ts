/** What both directions of a connection to Postgres have to know of each other. */
import type { Message, Operation, OperationAttributes } from '../protocol.ts';
import { type Statement, Statements } from './statements.ts';

/** What is sent in one transaction and kept to look for identifiers in; more is not kept. */
const TRANSACTION_BYTES_MAX = 8 << 20;

/** What the client asks for up to a Sync: the server answers it with messages up to a Ready. */
export interface Cycle {
  readonly operations: readonly CycleOperation[];
  /** It was forwarded before: its answer is surplus. */
  readonly copy: boolean;
}

export interface CycleOperation {
  readonly operation: Operation;
  /** Which statement of its cycle it is, from 0; absent: the end of an implicit transaction. */
  readonly statement?: number;
}

export type Phase =
  /** The client has to say what it wants. */
  | 'startup'
  /** The server answers a request for encryption with one byte. */
  | 'encryption'
  | 'authentication'
  | 'ready';

export class Session {
  phase: Phase = 'startup';
  readonly #statements = new Statements();
  /** By name: the texts of prepared statements, and of the portals that are bound to them. */
  readonly prepared = new Map<string, string>();
  readonly portals = new Map<string, string>();
  /** Requests in the order in which the server sees them. */
  readonly cycles: Cycle[] = [];
  /** The operation of the first message, until the server answers it. */
  connecting: Operation | undefined;
  readonly #cycleOf = new WeakMap<Message, Cycle>();
  readonly #forwarded = new WeakSet<Message>();
  #operationCount = 0;
  #transaction: Buffer[] | undefined;
  #transactionBytes = 0;

  statements(text: string): readonly Statement[] {
    return this.#statements.of(text);
  }

  /** A message that the server answers with a cycle of its own. */
  cycle(bytes: Buffer, operations: readonly CycleOperation[]): Message {
    const begins = operations.map(({ operation }) => operation);
    const message: Message = { from: 'client', bytes, begins, answers: [], ends: [] };
    this.#cycleOf.set(message, { operations, copy: false });
    return message;
  }

  connect(attributes: OperationAttributes, bytes: Buffer): Operation {
    this.connecting = this.#operation('pg.connect', attributes, [bytes]);
    return this.connecting;
  }

  /** The operations of statements that are sent in these bytes. */
  operations(statements: readonly Statement[], bytes: readonly Buffer[]): CycleOperation[] {
    const found: CycleOperation[] = [];
    let implicit: OperationAttributes | undefined;
    for (const [statement, { kind, command, table, writes }] of statements.entries()) {
      if (kind === 'begin') this.#beginTransaction();
      this.#keep(bytes);
      if (kind === 'query') {
        const attributes = { command, ...(table === undefined ? {} : { table }) };
        const autocommit = this.#transaction === undefined && writes ? { autocommit: true } : {};
        if (this.#transaction === undefined && writes) implicit = attributes;
        const operation = this.#operation('pg.query', { ...attributes, ...autocommit }, bytes);
        found.push({ operation, statement });
        continue;
      }
      const operation = this.#operation(`pg.${kind}`, {}, this.#transaction ?? bytes);
      found.push({ operation, statement });
      if (kind !== 'begin') this.endTransaction();
    }
    // The server commits what is in no transaction when it has done all of it.
    if (implicit) {
      const operation = this.#operation('pg.commit', { ...implicit, autocommit: true }, bytes);
      found.push({ operation });
    }
    return found;
  }

  /** The server is in no transaction. */
  endTransaction(): void {
    this.#transaction = undefined;
  }

  /** The server sees this message now, or once more. */
  forward(message: Message): void {
    const cycle = this.#cycleOf.get(message);
    if (cycle === undefined) return;
    this.cycles.push({ ...cycle, copy: this.#forwarded.has(message) });
    this.#forwarded.add(message);
  }

  #operation(name: string, attributes: OperationAttributes, content: readonly Buffer[]): Operation {
    this.#operationCount += 1;
    return { id: this.#operationCount, name, attributes, content };
  }

  #beginTransaction(): void {
    this.#transaction ??= [];
    this.#transactionBytes = 0;
  }

  #keep(bytes: readonly Buffer[]): void {
    if (this.#transaction === undefined || this.#transaction.at(-1) === bytes.at(-1)) return;
    this.#transactionBytes += bytes.reduce((sum, { length }) => sum + length, 0);
    if (this.#transactionBytes <= TRANSACTION_BYTES_MAX) this.#transaction.push(...bytes);
  }
}
