import pRetry, { AbortError } from 'p-retry';
import { Pool, type PoolClient, type QueryResultRow, types } from 'pg';
import { errorCodeOf, OperationalError } from './errors.ts';
import { migrate } from './migrations.ts';
import type { ServiceContext } from './service.ts';
import { untilAvailable } from './until-available.ts';

const CONNECTIONS_MAX = 8;
const CONNECT_TIMEOUT_MS = 2_000;
/** One statement; none of ours is anywhere near it. */
const STATEMENT_TIMEOUT_MS = 5_000;
/** A transaction that forgot itself must not keep its locks. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
const IDLE_CONNECTION_TIMEOUT_MS = 30_000;
const CONFLICT_RETRIES = 5;
const CONFLICT_DELAY_MS_MIN = 10;
const CONFLICT_DELAY_MS_MAX = 200;

/** serialization_failure and deadlock_detected: nothing happened, and it may work the next time. */
const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01']);
/** Classes of SQLSTATE that say that the server is not there: connection, resources, operator. */
const ABSENCES = /^(08|53|57)/;

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

/** What a unit of work does its statements with; all of them or none take effect. */
export type Transaction = Queryable;

export interface Database extends Queryable {
  /**
   * Runs `work` in one transaction. Conflicts with others are tried again, so `work` may run more
   * than once. Rejects with `unavailable` when the server cannot be reached, and with
   * `outcome-unknown` when the connection broke during the commit.
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
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end us.
  pool.on('error', (error) => context.log.warn({ err: error }, 'a Postgres connection broke'));
  context.resources.defer(() => pool.end());
  await untilAvailable({ what: 'Postgres', log: context.log, signal: context.signal }, () =>
    withConnection(pool, (client) => migrate(client, options.migrations)),
  );
  context.health.add('postgres', async () => {
    await pool.query('select 1');
  });
  return databaseOf(pool);
}

function databaseOf(pool: Pool): Database {
  return {
    query: (sql, params) =>
      withConnection(pool, (client) => queryableOf(client).query(sql, params)),
    transaction: (work) =>
      pRetry(() => runTransaction(pool, work).catch(retryConflictOnly), {
        retries: CONFLICT_RETRIES,
        minTimeout: CONFLICT_DELAY_MS_MIN,
        maxTimeout: CONFLICT_DELAY_MS_MAX,
        randomize: true,
      }),
  };
}

function queryableOf(client: PoolClient): Queryable {
  return {
    async query<R extends QueryResultRow>(sql: string, params: readonly unknown[] = []) {
      const result = await client.query<R>(sql, [...params]);
      return result.rows;
    },
  };
}

function retryConflictOnly(error: unknown): never {
  if (CONFLICTS.has(sqlStateOf(error) ?? '')) throw error;
  throw new AbortError(error instanceof Error ? error : new Error(String(error)));
}

async function runTransaction<T>(pool: Pool, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return withConnection(pool, async (client) => {
    await client.query('begin');
    let result: T;
    try {
      result = await work(queryableOf(client));
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
    try {
      await client.query('commit');
    } catch (error) {
      throw isAbsence(error)
        ? new OperationalError('outcome-unknown', {
            detail: 'Postgres did not answer the commit',
            cause: error,
          })
        : error;
    }
    return result;
  });
}

async function withConnection<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  let client: PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw unavailable(error);
  }
  let failure: unknown;
  // A connection that breaks while we hold it says so here, and to whoever awaits a query.
  const onError = (error: Error) => {
    failure = error;
  };
  client.on('error', onError);
  try {
    return await work(client);
  } catch (error) {
    // A connection whose commit was not answered is not good for anything else either.
    if (isAbsence(error) || errorCodeOf(error) === 'outcome-unknown') failure = error;
    throw isAbsence(error) ? unavailable(error) : error;
  } finally {
    client.off('error', onError);
    client.release(failure !== undefined);
  }
}

const unavailable = (error: unknown): OperationalError =>
  new OperationalError('unavailable', { detail: 'Postgres cannot be reached', cause: error });

function sqlStateOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Whether an error says that the server is not there, rather than that a statement is wrong. */
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
