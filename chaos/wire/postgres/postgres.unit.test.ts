import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  itPassesUnaltered,
  itSurvivesGarbage,
  readRecording,
  type Turn,
  Wiretap,
} from '../decoder.testkit.ts';
import { errorAndReady, message, query, SYNC, TYPE } from './messages.ts';
import { postgres } from './postgres.ts';

const text = (type: number, ...parts: string[]): Buffer =>
  message(type, Buffer.from(parts.map((part) => `${part}\0`).join('')));
const parse = (name: string, sql: string): Buffer =>
  message(TYPE.parse, Buffer.from(`${name}\0${sql}\0\0\0`));
const bind = (name: string, value = 'v'): Buffer => {
  const head = Buffer.from(`\0${name}\0`);
  const size = Buffer.alloc(4);
  size.writeInt32BE(value.length);
  const body = Buffer.concat([head, Buffer.from([0, 0, 0, 1]), size, Buffer.from(value)]);
  return message(TYPE.bind, Buffer.concat([body, Buffer.from([0, 0])]));
};
const execute = message(TYPE.execute, Buffer.from('\0\0\0\0\0'));
const extended = (name: string, sql: string, value?: string): Buffer =>
  Buffer.concat([parse(name, sql), bind(name, value), execute, SYNC]);
const complete = (tag: string): Buffer => text(TYPE.complete, tag);
const ready = (status: string): Buffer => message(TYPE.ready, Buffer.from(status));
const done = (tag: string, status: string): Buffer => Buffer.concat([complete(tag), ready(status)]);

function startup(parameters: string): Buffer {
  const body = Buffer.from(parameters, 'latin1');
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + body.length);
  head.writeInt32BE(3 << 16, 4);
  return Buffer.concat([head, body]);
}
const SSL_REQUEST = Buffer.from('0000000804d2162f', 'hex');
const AUTHENTICATED = message(0x52, Buffer.from([0, 0, 0, 0]));
const CONNECT: Turn[] = [
  ['client', startup('user\0inventory\0database\0stock\0\0')],
  ['server', Buffer.concat([AUTHENTICATED, ready('I')])],
];

const TRANSACTION: Turn[] = [
  ['client', SSL_REQUEST],
  ['server', 'N'],
  ...CONNECT,
  ['client', query('BEGIN')],
  ['server', done('BEGIN', 'T')],
  ['client', extended('', 'insert into reservations (id) values ($1)', 'order-7')],
  ['server', done('INSERT 0 1', 'T')],
  ['client', query('COMMIT')],
  ['server', done('COMMIT', 'I')],
];

/** Of the reference service inventory, from its start to an order. */
const RECORDED = readRecording(
  readFileSync(new URL('fixtures/inventory.txt', import.meta.url), 'utf8'),
);

describe('a recorded Postgres connection', () => {
  itPassesUnaltered(postgres(), RECORDED);
  itSurvivesGarbage(postgres(), RECORDED);
});

describe('a Postgres connection', () => {
  itPassesUnaltered(postgres(), TRANSACTION);
  itSurvivesGarbage(postgres(), TRANSACTION);

  it('has its transactions as operations, each ended by the tag of its answer', () => {
    expect(new Wiretap(postgres()).play(TRANSACTION).log).toEqual([
      'pg.connect user=inventory database=stock → ok',
      'pg.begin tag=BEGIN → ok',
      'pg.query command=INSERT table=reservations tag=INSERT 0 1 rows=1 → ok',
      'pg.commit tag=COMMIT → ok',
    ]);
  });

  it('finds in a commit what its transaction has sent', () => {
    const commit = new Wiretap(postgres()).play(TRANSACTION).operations.at(-1);
    expect(commit?.content.some((bytes) => bytes.includes('order-7'))).toBe(true);
  });

  it('does not find in a commit what an earlier transaction has sent', () => {
    const again = [...TRANSACTION, ...TRANSACTION.slice(4)].map(([from, bytes]): Turn => {
      const later = bytes.toString('latin1');
      return [from, Buffer.from(later, 'latin1')];
    });
    const second = again.with(-4, ['client', extended('', 'select 1', 'order-8')]);
    const commit = new Wiretap(postgres()).play(second).operations.at(-1);
    expect(commit?.content.some((bytes) => bytes.includes('order-8'))).toBe(true);
    expect(commit?.content.some((bytes) => bytes.includes('order-7'))).toBe(false);
  });

  it('commits a single statement that writes, and not one that reads', () => {
    const tap = new Wiretap(postgres()).play([
      ...CONNECT,
      ['client', query('select * from public.stock')],
      ['server', done('SELECT 3', 'I')],
      ['client', extended('s1', 'update "stock" set free = free - $1', 'order-9')],
      ['server', done('UPDATE 1', 'I')],
      ['client', Buffer.concat([bind('s1'), execute, SYNC])],
      ['server', Buffer.concat([errorAndReady('40001', 'I')])],
    ]);
    expect(tap.log.slice(1)).toEqual([
      'pg.query command=SELECT table=stock tag=SELECT 3 rows=3 → ok',
      'pg.query command=UPDATE table=stock autocommit=true tag=UPDATE 1 rows=1 → ok',
      'pg.commit command=UPDATE table=stock autocommit=true → ok',
      'pg.query command=UPDATE table=stock autocommit=true → error 40001',
      'pg.commit command=UPDATE table=stock autocommit=true → error 40001',
    ]);
  });

  it('reads several statements of one message, and of messages before one Sync', () => {
    const sql = "begin; insert into a values (';'); /* ; */ commit";
    const tap = new Wiretap(postgres()).play([
      ...CONNECT,
      ['client', query(sql)],
      ['server', Buffer.concat([complete('BEGIN'), complete('INSERT 0 1'), done('COMMIT', 'I')])],
      [
        'client',
        Buffer.concat([
          ...[parse('', 'START TRANSACTION'), bind(''), execute],
          ...[parse('', 'delete from a'), bind(''), execute, SYNC],
        ]),
      ],
      ['server', Buffer.concat([complete('START TRANSACTION'), done('DELETE 0', 'T')])],
      ['client', query('end')],
      ['server', done('ROLLBACK', 'I')],
    ]);
    expect(tap.log.slice(1)).toEqual([
      'pg.begin tag=BEGIN → ok',
      'pg.query command=INSERT table=a tag=INSERT 0 1 rows=1 → ok',
      'pg.commit tag=COMMIT → ok',
      'pg.begin tag=START TRANSACTION → ok',
      'pg.query command=DELETE table=a tag=DELETE 0 rows=0 → ok',
      'pg.commit → error ROLLBACK',
    ]);
  });

  it('ends a COPY when the server takes rows', () => {
    const tap = new Wiretap(postgres()).play([
      ...CONNECT,
      ['client', query('copy stock from stdin')],
      ['server', message(TYPE.copyIn, Buffer.from([0, 0, 0]))],
      [
        'client',
        Buffer.concat([text(TYPE.copyData, 'row'), message(TYPE.copyDone, Buffer.alloc(0))]),
      ],
      ['server', done('COPY 1', 'I')],
      ['client', query('rollback')],
      ['server', done('ROLLBACK', 'I')],
    ]);
    expect(tap.log.slice(1)).toEqual([
      'pg.query command=COPY table=stdin → ok',
      'pg.rollback tag=ROLLBACK → ok',
    ]);
  });

  it.each([
    [
      'TLS',
      [
        ['client', SSL_REQUEST],
        ['server', 'S'],
      ],
    ],
    [
      'a replication connection',
      [['client', startup('user\0debezium\0replication\0database\0\0')]],
    ],
    ['not Postgres', [['client', 'GET / HTTP/1.1\r\n']]],
  ] as [string, Turn[]][])('is opaque: %s', (reason, turns) => {
    expect(() => new Wiretap(postgres()).play(turns)).toThrow(reason);
  });

  it('has a surplus answer to a request that is repeated', () => {
    const tap = new Wiretap(postgres()).play([...CONNECT, ['client', query('update a set b = 1')]]);
    const request = tap.messages.at(-1);
    if (request) tap.forward(request);
    tap.play([
      ['server', done('UPDATE 1', 'I')],
      ['server', done('UPDATE 1', 'I')],
    ]);
    expect(tap.messages.slice(-2).map(({ surplus }) => surplus)).toEqual([undefined, true]);
  });

  it('answers with an error, and leaves the server in the state of one', () => {
    const tap = new Wiretap(postgres()).play(TRANSACTION);
    const [, begin, insert, commit] = tap.operations;
    if (!begin || !insert || !commit) throw new Error('operations are missing');
    const { decoder } = tap;
    expect(decoder.errorAnswer?.(commit, '40001')).toEqual(errorAndReady('40001', 'I'));
    expect(decoder.insteadOf?.(commit, '40001')).toEqual(query('ROLLBACK'));
    expect(decoder.errorAnswer?.(insert, '40P01')).toEqual(errorAndReady('40P01', 'E'));
    expect(decoder.insteadOf?.(insert, '40P01')?.toString()).toContain("ERRCODE = '40P01'");
    expect(decoder.insteadOf?.(begin, '53300')).toEqual(SYNC);
  });
});
