import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';

/** Any number that all instances agree on. */
const LOCK_KEY = 727_246_763;

/**
 * Brings the schema up to date: each text runs once, in order, in one transaction, while other
 * instances wait. A text that ran before must not have changed since.
 */
export async function migrate(client: PoolClient, migrations: readonly string[]): Promise<void> {
  await client.query('begin');
  try {
    await client.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);
    await client.query(
      'create table if not exists migrations (number int primary key, hash text not null)',
    );
    const done = await client.query<{ number: number; hash: string }>(
      'select number, hash from migrations',
    );
    const hashes = new Map(done.rows.map(({ number, hash }) => [number, hash]));
    for (const [number, sql] of migrations.entries()) {
      const hash = createHash('sha256').update(sql).digest('hex');
      const known = hashes.get(number);
      if (known === hash) continue;
      if (known !== undefined) {
        throw new Error(`migration ${number} has changed since it ran: add a new one instead`);
      }
      await client.query(sql);
      await client.query('insert into migrations values ($1, $2)', [number, hash]);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
