import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCodec } from './avro.ts';
import { testContext } from './context.testkit.ts';
import { OperationalError } from './errors.ts';
import { appendOutbox, claimMessage, INBOX_SQL, OUTBOX_SQL, sweepOnce } from './outbox.ts';
import { startTestPostgres, type TestPostgres } from './postgres.testkit.ts';
import { type Database, postgresPool, type Transaction } from './postgres.ts';
import { cuttable } from './postgres-cut.testkit.ts';
import { memoryRegistry } from './registry.testkit.ts';

const MIGRATIONS = [
  OUTBOX_SQL,
  INBOX_SQL,
  'create table counters (name text primary key, n bigint not null)',
];

const context = testContext('postgres-1');
let postgres: TestPostgres;
let url: string;
let database: Database;
beforeAll(async () => {
  postgres = await startTestPostgres();
  url = await postgres.createDatabase();
  database = await postgresPool(context, url, { migrations: MIGRATIONS });
});
afterAll(async () => {
  await context.end();
  await postgres?.[Symbol.asyncDispose]();
});

const counter = async (n = 0): Promise<string> => {
  const name = randomUUID();
  await database.query('insert into counters values ($1, $2)', [name, n]);
  return name;
};
const countOf = async (name: string) => {
  const [row] = await database.query<{ n: number }>('select n from counters where name = $1', [
    name,
  ]);
  return row?.n;
};
const ADD = 'update counters set n = n + 1 where name = $1';

describe('a transaction', () => {
  it('takes effect as a whole, or not at all', async () => {
    const name = await counter();
    await database.transaction((tx) => tx.query(ADD, [name]));
    await expect(
      database.transaction(async (tx) => {
        await tx.query(ADD, [name]);
        throw new OperationalError('shipment-not-scheduled');
      }),
    ).rejects.toMatchObject({ code: 'shipment-not-scheduled' });
    expect(await countOf(name)).toBe(1);
  });

  it('sends statements without waiting for answers, in the order of the calls', async () => {
    const name = await counter(1);
    const seen = await database.transaction(async (tx) => {
      tx.run('update counters set n = n * 10 where name = $1', [name]);
      const before = tx.query<{ n: number }>('select n from counters where name = $1', [name]);
      tx.run(ADD, [name]);
      const after = tx.query<{ n: number }>('select n from counters where name = $1', [name]);
      return (await Promise.all([before, after])).map(([row]) => row?.n);
    });
    expect(seen).toEqual([10, 11]);
    expect(await countOf(name)).toBe(11);
  });

  it('fails with a statement whose answer is not awaited, and takes no effect', async () => {
    const name = await counter();
    const failing = database.transaction(async (tx) => {
      tx.run(ADD, [name]);
      tx.run('select nonsense');
      tx.run(ADD, [name]);
    });
    await expect(failing).rejects.toMatchObject({ code: '42703' });
    expect(await countOf(name)).toBe(0);
  });

  it.each([
    ['and the commit follows', async () => undefined],
    ['and another one follows', async (tx: Transaction) => void (await tx.query('select 1'))],
  ])('is tried again when such a statement meets a conflict, %s', async (_, goOn) => {
    const name = randomUUID();
    let runs = 0;
    await database.transaction(async (tx) => {
      runs += 1;
      if (runs > 1) return tx.run(ADD, [name]);
      await database.query('insert into counters values ($1, 0)', [name]);
      tx.run('insert into counters values ($1, 0)', [name]);
      await goOn(tx);
    });
    expect([runs, await countOf(name)]).toEqual([2, 1]);
  });

  it('is tried again when it and another wait for each other', async () => {
    const names = [await counter(), await counter()];
    let arrived = 0;
    const both = Promise.withResolvers<void>();
    const runs: number[] = [];
    const touch = (order: readonly string[]) =>
      database.transaction(async (tx) => {
        runs.push(1);
        await tx.query(ADD, [order[0]]);
        arrived += 1;
        if (arrived === 2) both.resolve();
        await both.promise;
        await tx.query(ADD, [order[1]]);
      });
    await Promise.all([touch(names), touch(names.toReversed())]);
    expect(await Promise.all(names.map(countOf))).toEqual([2, 2]);
    expect(runs.length, 'one of them ran twice').toBe(3);
  });

  it('does not try a mistake again', async () => {
    let runs = 0;
    const mistake = database.transaction(async (tx) => {
      runs += 1;
      await tx.query('select nonsense');
    });
    await expect(mistake).rejects.toMatchObject({ code: '42703' });
    expect(runs).toBe(1);
  });

  it('is unavailable when its connection is ended, and the next one works', async () => {
    const name = await counter();
    await expect(
      database.transaction(async (tx) => {
        await tx.query(ADD, [name]);
        const [row] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
        await database.query('select pg_terminate_backend($1)', [row?.pid]);
        await tx.query(ADD, [name]);
      }),
    ).rejects.toMatchObject({ code: 'unavailable' });
    expect(await countOf(name)).toBe(0);
    await database.transaction((tx) => tx.query(ADD, [name]));
    expect(await countOf(name)).toBe(1);
  });

  it('does not know the outcome when the connection breaks at the commit', async () => {
    const name = await counter();
    await using cut = await cuttable(url);
    await using other = testContext('postgres-2');
    const linked = await postgresPool(other, cut.url, { migrations: MIGRATIONS });
    const outcome = linked.transaction(async (tx) => {
      await tx.query(ADD, [name]);
      cut.beforeNextAnswer();
    });
    await expect(outcome).rejects.toMatchObject({ code: 'outcome-unknown' });
    await linked.transaction((tx) => tx.query(ADD, [name]));
    expect(await countOf(name)).toBe(2);
  });

  it.each([
    ['NUL in jsonb', 'select $1::jsonb', [JSON.stringify({ a: '\u0000' })], '22P05'],
    ['NUL in text', 'select $1::text', ['\u0000'], '22021'],
    ['a number that does not fit', 'select $1::int', ['99999999999'], '22003'],
    ['a missing value', 'insert into counters values ($1, null)', ['x'], '23502'],
  ])(
    'refuses a value for good that no repetition makes storable: %s',
    async (_, sql, params, state) => {
      let runs = 0;
      const refused = database.transaction(async (tx) => {
        runs += 1;
        await tx.query(sql, params);
      });
      await expect(refused).rejects.toMatchObject({
        name: 'UnstorableValue',
        code: 'invalid-request',
        cause: { code: state },
      });
      expect(runs).toBe(1);
    },
  );

  it('is tried again when another one was first to insert a row', async () => {
    const name = randomUUID();
    let runs = 0;
    await database.transaction(async (tx) => {
      runs += 1;
      if (runs > 1) return void (await tx.query(ADD, [name]));
      await database.query('insert into counters values ($1, 0)', [name]);
      await tx.query('insert into counters values ($1, 0)', [name]);
    });
    expect(await countOf(name)).toBe(1);
  });

  it('is unavailable on a server that only reads, and works on one that writes again', async () => {
    await using other = testContext('postgres-4');
    const fresh = await postgres.createDatabase();
    const demoted = await postgresPool(other, fresh, { migrations: MIGRATIONS });
    const name = fresh.replace(/^.*\/([^?]+)\?.*$/, '$1');
    const insert = () => demoted.query("insert into counters values ('a', 1)");
    await postgres.query(url, `alter database ${name} set default_transaction_read_only = on`);
    await demoted.query('set default_transaction_read_only = on');
    await expect(insert()).rejects.toMatchObject({ code: 'unavailable' });
    expect((await other.health.readiness()).checks['postgres']).toMatch(/only reads/);
    await postgres.query(url, `alter database ${name} reset default_transaction_read_only`);
    // The connections of before were closed: a new one leads to a server that writes.
    await insert();
    expect((await other.health.readiness()).checks['postgres']).toBe('ok');
  });

  it('is unavailable when the server is gone', async () => {
    await using cut = await cuttable(url);
    await using other = testContext('postgres-3');
    const linked = await postgresPool(other, cut.url, { migrations: MIGRATIONS });
    await cut[Symbol.asyncDispose]();
    await expect(linked.query('select 1')).rejects.toMatchObject({ code: 'unavailable' });
    const { checks } = await other.health.readiness();
    expect(checks['postgres']).not.toBe('ok');
  });
});

describe('migrations', () => {
  it('run once each, also when several instances start at once', async () => {
    const fresh = await postgres.createDatabase();
    await using other = testContext('migrating');
    const start = () => postgresPool(other, fresh, { migrations: MIGRATIONS });
    await Promise.all([start(), start(), start()]);
    const [row] = await postgres.query(fresh, 'select count(*)::int as n from migrations');
    expect(row).toEqual({ n: MIGRATIONS.length });
  });

  it('must not change once they ran', async () => {
    await using other = testContext('migrating');
    const changed = [...MIGRATIONS.slice(0, 2), 'create table other (n int)'];
    await expect(postgresPool(other, url, { migrations: changed })).rejects.toThrow(
      /migration 2 has changed/,
    );
  });
});

describe('inbox and outbox', () => {
  it('let a message have its effect once, also when it comes twice at once', async () => {
    const messageId = randomUUID();
    const name = await counter();
    const take = () =>
      database.transaction(async (tx) => {
        const isFirst = await claimMessage(tx, messageId);
        if (isFirst) await tx.query(ADD, [name]);
        return isFirst;
      });
    const claims = await Promise.all([take(), take(), take()]);
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await countOf(name)).toBe(1);
  });

  it('drop published rows after a day, and never what was received', async () => {
    const codec = await createCodec(['shipping.events'], memoryRegistry());
    const value = {
      messageId: randomUUID(),
      jobId: null,
      orderId: randomUUID(),
      causationId: null,
      occurredAt: 1,
      payload: { type: 'ShipmentDispatched' },
    } as const;
    const old = { ...value, messageId: randomUUID() };
    await database.transaction(async (tx) => {
      for (const each of [value, old]) {
        await claimMessage(tx, each.messageId);
        await appendOutbox(tx, codec, { topic: 'shipping.events', key: 'k', value: each });
      }
    });
    const ago = `now() - interval '25 hours'`;
    await database.query(`update outbox set created_at = ${ago} where id = $1`, [old.messageId]);
    await database.query(`update inbox set received_at = ${ago} where message_id = $1`, [
      old.messageId,
    ]);
    expect(await sweepOnce(database)).toBe(1);
    expect(await sweepOnce(database)).toBe(0);
    const rows = await database.query('select id, aggregatetype, aggregateid, type from outbox');
    expect(rows).toEqual([
      {
        id: value.messageId,
        aggregatetype: 'shipping',
        aggregateid: 'k',
        type: 'ShipmentDispatched',
      },
    ]);
    const claim = database.transaction((tx) => claimMessage(tx, old.messageId));
    expect(await claim).toBe(false);
  });
});
