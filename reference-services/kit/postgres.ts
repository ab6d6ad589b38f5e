import assert from 'node:assert/strict';
import type { Writable } from 'node:stream';
import pRetry, { AbortError } from 'p-retry';
import { Pool, type PoolClient, type QueryResultRow, types } from 'pg';
import { errorCodeOf, OperationalError, UnstorableValue } from './errors.ts';
import { migrate } from './migrations.ts';
import type { ServiceContext } from './service.ts';
import { untilAvailable } from './until-available.ts';

const CONNECTIONS_MAX = 8;
const CONNECT_TIMEOUT_MS = 2_000;
/** One statement; none of ours is anywhere near it. */
const STATEMENT_TIMEOUT_MS = 5_000;
/** Aborts idle transactions so that they release their locks. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
const IDLE_CONNECTION_TIMEOUT_MS = 30_000;
/** Statements with a name, of each connection; ours are a few dozen texts. */
const NAMED_STATEMENTS_MAX = 200;
const CONFLICT_RETRIES = 5;
const CONFLICT_DELAY_MS_MIN = 10;
const CONFLICT_DELAY_MS_MAX = 200;

/**
 * serialization_failure, deadlock_detected and unique_violation: nothing happened, and the next
 * attempt sees what the other transaction did.
 */
const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01', '23505']);
/** The SQLSTATE of every statement after one that failed. */
const IN_FAILED_TRANSACTION = '25P02';
/**
 * SQLSTATEs of a server that cannot do its work now: connection, resources, operator, and a server
 * that only reads, as the old primary does after a failover.
 */
const ABSENCES = /^(08|53|57|25006$)/;
/** SQLSTATE classes that any repetition meets again: data exception, integrity constraint. */
const DATA_FAULTS = /^2[23]/;

/** `int8` as a number: throws beyond 2^53, where a number would lie. */
const INT8_OID = 20;
types.setTypeParser(INT8_OID, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} does not fit a number`);
  return value;
});

export interface Queryable {
  query<R extends QueryResultRow>(sql: string, params?: readonly unknown[]): Promise<R[]>;
}

/**
 * What a unit of work does its statements with; all of them or none take effect. Statements are
 * sent in the order of the calls, without waiting for the answers to those before.
 */
export interface Transaction extends Queryable {
  /** Sends a statement whose rows are of no use. When it fails, the transaction does. */
  run(sql: string, params?: readonly unknown[]): void;
}

export interface Database extends Queryable {
  /**
   * Runs `work` in one transaction. Conflicts with others are tried again, so `work` may run more
   * than once. Rejects with `unavailable` when the server cannot be reached or only reads, with
   * `outcome-unknown` when the connection broke during the commit, and with `UnstorableValue` when
   * the server refuses a value for good.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}

/**
 * Connects, brings the schema up to date, and stays connected.
 *
 * @param options.migrations SQL texts; each runs once, in this order, under a lock
 */
export async function postgresPool(
  context: ServiceContext,
  url: string,
  options: { readonly migrations: readonly string[] },
): Promise<Database> {
  const pool = new Pool({
    connectionString: url,
    application_name: context.instance,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_CONNECTION_TIMEOUT_MS,
    pipeline: true,
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end us.
  pool.on('error', (error) => context.log.warn({ err: error }, 'a Postgres connection broke'));
  // The pool takes its own listener away before it hands a connection over, and the borrower runs
  // only then: an error in between (FATAL right behind ReadyForQuery) would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  context.resources.defer(() => pool.end());
  await untilAvailable({ what: 'Postgres', log: context.log, signal: context.signal }, () =>
    withConnection(pool, (client) => migrate(client, options.migrations)),
  );
  context.health.add('postgres', () => withConnection(pool, requireWritable));
  return databaseOf(pool, new StatementNames());
}

/** After a failover the old primary still answers, and stores nothing. */
async function requireWritable(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ transaction_read_only: string }>(
    'show transaction_read_only',
  );
  if (rows[0]?.transaction_read_only === 'off') return;
  throw new OperationalError('unavailable', { detail: 'Postgres only reads' });
}

function databaseOf(pool: Pool, names: StatementNames): Database {
  return {
    query: (sql, params) =>
      withConnection(pool, (client) => queryableOf(client, names).query(sql, params)),
    transaction: (work) =>
      pRetry(() => runTransaction(pool, names, work).catch(retryConflictOnly), {
        retries: CONFLICT_RETRIES,
        minTimeout: CONFLICT_DELAY_MS_MIN,
        maxTimeout: CONFLICT_DELAY_MS_MAX,
        randomize: true,
      }),
  };
}

/** A server parses and plans a statement with a name once for each connection. */
class StatementNames {
  readonly #names = new Map<string, string>();

  of(sql: string): string | undefined {
    const known = this.#names.get(sql);
    if (known !== undefined || this.#names.size >= NAMED_STATEMENTS_MAX) return known;
    const name = `s${this.#names.size}`;
    this.#names.set(sql, name);
    return name;
  }
}

function queryableOf(client: PoolClient, names: StatementNames): Queryable {
  return {
    async query<R extends QueryResultRow>(sql: string, params: readonly unknown[] = []) {
      const name = names.of(sql);
      const named = name === undefined ? {} : { name };
      const result = await client.query<R>({ ...named, text: sql, values: [...params] });
      return result.rows;
    },
  };
}

function retryConflictOnly(error: unknown): never {
  const refused = error instanceof UnstorableValue ? error.cause : error;
  if (CONFLICTS.has(sqlStateOf(refused) ?? '')) throw error;
  throw new AbortError(error instanceof Error ? error : new Error(String(error)));
}

async function runTransaction<T>(
  pool: Pool,
  names: StatementNames,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return withConnection(pool, async (client) => {
    const gather = gathering(client);
    const alone = queryableOf(client, names);
    const query: Queryable['query'] = (sql, params) => {
      gather();
      return alone.query(sql, params);
    };
    const unwatched: Array<Promise<unknown>> = [];
    const watchLater = (statement: Promise<unknown>) => {
      statement.catch(() => undefined);
      unwatched.push(statement);
    };
    gather();
    watchLater(client.query('begin'));
    let result: T;
    try {
      result = await work({ query, run: (sql, params) => watchLater(query(sql, params)) });
    } catch (error) {
      await client.query('rollback');
      throw await causeOf(error, unwatched);
    }
    gather();
    await commit(client, unwatched);
    return result;
  });
}

/** An aborted transaction refuses every statement: the one that failed before says why. */
async function causeOf(
  error: unknown,
  unwatched: ReadonlyArray<Promise<unknown>>,
): Promise<unknown> {
  if (sqlStateOf(error) !== IN_FAILED_TRANSACTION) return error;
  const failed = (await Promise.allSettled(unwatched)).find(({ status }) => status === 'rejected');
  return failed?.status === 'rejected' ? failed.reason : error;
}

/** Holds back what is sent in one turn, so that it goes to the network in one piece. */
function gathering(client: PoolClient): () => void {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
  let isHeld = false;
  return () => {
    if (isHeld) return;
    isHeld = true;
    stream.cork();
    process.nextTick(() => {
      isHeld = false;
      stream.uncork();
    });
  };
}

/** Commits right behind the statements before, whose failure makes it a rollback. */
async function commit(client: PoolClient, before: ReadonlyArray<Promise<unknown>>): Promise<void> {
  const [committed, ...earlier] = await Promise.allSettled([client.query('commit'), ...before]);
  const failed = earlier.find(({ status }) => status === 'rejected');
  if (committed.status === 'rejected') {
    const { reason } = committed;
    if (!isAbsence(reason)) throw reason;
    throw new OperationalError('outcome-unknown', {
      detail: 'Postgres did not answer the commit',
      cause: reason,
    });
  }
  if (failed?.status === 'rejected') throw failed.reason;
  assert.equal(committed.value.command, 'COMMIT', 'nothing failed, and yet it was rolled back');
}

/** Errors after which a connection is closed instead of being used again. */
const SPOILS: ReadonlySet<string | undefined> = new Set(['outcome-unknown', 'unavailable']);

async function withConnection<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  let client: PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw unavailable(error);
  }
  let failure: unknown;
  // A connection that breaks while we hold it emits an error, and fails the query under way.
  const onError = (error: Error) => {
    failure = error;
  };
  client.on('error', onError);
  try {
    return await work(client);
  } catch (error) {
    // A connection whose commit was not answered, or whose server only reads, is of no more use.
    if (isAbsence(error) || SPOILS.has(errorCodeOf(error))) failure = error;
    throw meaningOf(error);
  } finally {
    client.off('error', onError);
    client.release(failure !== undefined);
  }
}

function meaningOf(error: unknown): unknown {
  if (isAbsence(error)) return unavailable(error);
  const isDataFault = DATA_FAULTS.test(sqlStateOf(error) ?? '');
  return isDataFault ? new UnstorableValue('Postgres', error) : error;
}

const unavailable = (error: unknown): OperationalError =>
  new OperationalError('unavailable', {
    detail: 'Postgres cannot be reached, or only reads',
    cause: error,
  });

function sqlStateOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Whether an error says that the server cannot do its work, not that a statement is wrong. */
function isAbsence(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = sqlStateOf(error);
  if (state !== undefined && ABSENCES.test(state)) return true;
  if (state !== undefined && /^E[A-Z]+$/.test(state)) return true;
  // pg has no code for these.
  return /Connection terminated|not queryable|timeout exceeded|Query read timeout/.test(
    error.message,
  );
}
