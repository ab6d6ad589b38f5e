import pg from 'pg';
import { isDeadLetter } from '../../history/records.ts';
import type {
  OutboxAnswer,
  OutboxRequest,
  OutboxRow,
  OutboxStep,
} from '../../pacts/outbox-interaction.ts';
import { Skipped } from './bridge.ts';
import type { Place, Protocol } from './protocol.ts';
import type { SeenRecord, StateContext } from './state.ts';

/** Rows of an outbox, and the records that Debezium makes of them. */
export const outboxProtocol: Protocol = { answer };

const STATEMENT_MS = 10_000;
const PLAN = 'what follows the writing';

/** Has something happen when everything is written and before records are waited for. */
export const onceWritten = ({ shared }: StateContext, work: () => Promise<void>): void =>
  void shared.set(PLAN, work);

async function answer(
  context: StateContext,
  place: Place,
  asked: Readonly<Record<string, unknown>>,
): Promise<OutboxAnswer> {
  const { database, steps } = asked as unknown as OutboxRequest;
  await using transactions = new Transactions(ownerOf(context, database));
  try {
    for (const step of steps) await transactions.take(step);
  } catch (error) {
    if (error instanceof pg.DatabaseError) return { refused: error.code ?? error.message };
    throw error;
  }
  await (context.shared.get(PLAN) as (() => Promise<void>) | undefined)?.();
  const { names } = context;
  const label = `record ${transactions.committed} of the outbox of ${database}`;
  const tap = place.tap();
  await tap.nth(transactions.committed - 1, label, names, isOfRow);
  return { records: tap.about(names).filter(isOfRow).map(recordOf) };
}

/** Not one that a consumer put aside meanwhile: a contract's schema ids are no registry's. */
const isOfRow = ({ topic }: SeenRecord): boolean => !isDeadLetter(topic);

function ownerOf({ stack }: StateContext, database: string): string {
  const address = stack.addressBook.postgres.databases[database];
  if (address === undefined) throw new Skipped(`there is no database ${database}`);
  return address.ownerUrl;
}

function recordOf({ topic, key, headers, bytes }: SeenRecord) {
  if (bytes === undefined) throw new Error(`a record on ${topic} has no value`);
  return { topic, key, headers, value: bytes };
}

interface Transaction {
  readonly client: pg.Client;
  rows: number;
}

/** Transactions side by side, each on a connection of its own. */
class Transactions implements AsyncDisposable {
  readonly #url: string;
  readonly #open = new Map<string, Transaction>();
  /** Rows that were inserted in transactions which were committed. */
  committed = 0;

  constructor(url: string) {
    this.#url = url;
  }

  async take(step: OutboxStep): Promise<void> {
    const one = this.#open.get(step.transaction) ?? (await this.#begin(step.transaction));
    if ('insert' in step) {
      await insert(one.client, step.insert);
      one.rows += 1;
      return;
    }
    if ('delete' in step) {
      await one.client.query('delete from outbox where id = $1', [step.delete]);
      return;
    }
    await one.client.query(step.ends);
    if (step.ends === 'commit') this.committed += one.rows;
    this.#open.delete(step.transaction);
    await one.client.end();
  }

  async #begin(name: string): Promise<Transaction> {
    const client = new pg.Client({
      connectionString: this.#url,
      statement_timeout: STATEMENT_MS,
      connectionTimeoutMillis: STATEMENT_MS,
    });
    client.on('error', () => undefined);
    await client.connect();
    const one = { client, rows: 0 };
    this.#open.set(name, one);
    await client.query('begin');
    return one;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ client }) => client.end()));
  }
}

async function insert(client: pg.Client, row: OutboxRow): Promise<void> {
  const columns = Object.keys(row);
  const values = columns.map((column) =>
    column === 'payload' ? Buffer.from(row.payload, 'base64') : row[column],
  );
  const names = columns.map((column) => client.escapeIdentifier(column)).join(', ');
  const places = columns.map((_, index) => `$${index + 1}`).join(', ');
  await client.query(`insert into outbox (${names}) values (${places})`, values);
}
