import { randomUUID } from 'node:crypto';
import { connect as connectTo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCodec } from './avro.ts';
import { testContext } from './context.testkit.ts';
import { OperationalError } from './errors.ts';
import { appendOutbox, claimMessage, INBOX_SQL, OUTBOX_SQL, sweepOnce } from './outbox.ts';
import { startTestPostgres, type TestPostgres } from './postgres.testkit.ts';
import { type Database, postgresPool } from './postgres.ts';
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

  it('is unavailable when nobody listens', async () => {
    await using cut = await cuttable(url);
    await using other = testContext('postgres-3');
    const linked = await postgresPool(other, cut.url, { migrations: MIGRATIONS });
    await cut[Symbol.asyncDispose]();
    await expect(linked.query('select 1')).rejects.toMatchObject({ code: 'unavailable' });
    const { checks } = await other.health.readiness();
    expect(checks['postgres']).not.toBe('ok');
  });
});

/** Postgres behind a proxy that can swallow an answer and drop everybody. */
async function cuttable(target: string) {
  const [, database = '', folder = ''] = /@\/(.+)\?host=(.+)$/.exec(target) ?? [];
  const sockets = new Set<Socket>();
  let isArmed = false;
  let greeting: Buffer | undefined;
  const server = createServer((client) => {
    const farewell = greeting;
    if (farewell !== undefined) {
      client.on('error', () => undefined);
      client.once('data', () => client.end(farewell));
      return;
    }
    const upstream = connectTo(`${decodeURIComponent(folder)}/.s.PGSQL.5432`);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        for (const end of [client, upstream]) end.destroy();
      });
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (!isArmed) return void client.write(bytes);
      isArmed = false;
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `postgres://postgres@127.0.0.1:${address.port}/${database}`,
    beforeNextAnswer() {
      isArmed = true;
    },
    /** Ends all connections; whoever connects gets this instead of a server. */
    answerEveryConnection(bytes: Buffer) {
      greeting = bytes;
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

describe('a server that ends a connection as soon as it is ready', () => {
  /** Authentication, ready, and FATAL 57P01 in one write: what a shutting down server may send. */
  const message = (type: string, body: Buffer) => {
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const AUTH_OK = message('R', Buffer.alloc(4));
  const READY = message('Z', Buffer.from('I'));
  const FATAL = message('E', Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0'));

  it('makes calls unavailable and leaves the process alone', async () => {
    await using other = testContext('postgres-5');
    await using cut = await cuttable(url);
    const linked = await postgresPool(other, cut.url, { migrations: MIGRATIONS });
    cut.answerEveryConnection(Buffer.concat([AUTH_OK, READY, FATAL]));
    const calls = Array.from({ length: 20 }, () => linked.query('select 1'));
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    }
  });

  it('leaves the process alone when 110 connections are ended under work', async () => {
    await using other = testContext('postgres-6');
    const linked = await postgresPool(other, url, { migrations: MIGRATIONS });
    let ended = 0;
    while (ended < 110) {
      const calls = Promise.allSettled(
        Array.from({ length: 8 }, () => linked.query('select pg_sleep(0.002)')),
      );
      const [row] = await postgres.query(
        url,
        `select count(pg_terminate_backend(pid))::int as n from pg_stat_activity
         where application_name = 'postgres-6'`,
      );
      ended += Number(row?.['n']);
      await calls;
    }
    const answers = () =>
      linked.query('select 1').then(
        () => true,
        () => false,
      );
    await expect.poll(answers, { timeout: 5_000 }).toBe(true);
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
