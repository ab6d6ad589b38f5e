import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testContext } from './context.testkit.ts';
import { startTestPostgres, type TestPostgres } from './postgres.testkit.ts';
import { postgresPool } from './postgres.ts';
import { cuttable } from './postgres-cut.testkit.ts';

let postgres: TestPostgres;
let url: string;
beforeAll(async () => {
  postgres = await startTestPostgres();
  url = await postgres.createDatabase();
});
afterAll(async () => postgres?.[Symbol.asyncDispose]());

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
    const linked = await postgresPool(other, cut.url, { migrations: [] });
    cut.answerEveryConnection(Buffer.concat([AUTH_OK, READY, FATAL]));
    const calls = Array.from({ length: 20 }, () => linked.query('select 1'));
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    }
  });

  it('leaves the process alone when 110 connections are ended under work', async () => {
    await using other = testContext('postgres-6');
    const linked = await postgresPool(other, url, { migrations: [] });
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
