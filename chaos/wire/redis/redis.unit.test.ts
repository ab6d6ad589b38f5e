import { describe, expect, it } from 'vitest';
import { itPassesUnaltered, itSurvivesGarbage, type Turn, Wiretap } from '../decoder.testkit.ts';
import { redis } from './redis.ts';

const command = (...words: string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
const array = (...values: string[]): string => `*${values.length}\r\n${values.join('')}`;
const push = (...values: string[]): string => `>${values.length}\r\n${values.join('')}`;
const played = (...turns: Turn[]): Wiretap => new Wiretap(redis).play(turns);

const CONVERSATION: Turn[] = [
  ['client', command('HELLO', '3')],
  ['server', `%2\r\n${bulk('server')}${bulk('redis')}${bulk('proto')}:3\r\n`],
  ['client', command('SET', 'job:1', 'a\r\nb') + command('GET', 'job:1') + command('PING')],
  ['server', `+OK\r\n${bulk('a\r\nb')}+PONG\r\n`],
  ['client', command('EVALSHA', 'AB12', '2', 'k1', 'k2', 'v')],
  ['server', '-NOSCRIPT No matching script. Please use EVAL.\r\n'],
  ['client', command('MULTI') + command('HSET', 'h', 'f', 'v') + command('EXPIRE', 'h', '9')],
  ['server', '+OK\r\n+QUEUED\r\n'],
  ['server', '+QUEUED\r\n'],
  ['client', command('EXEC')],
  ['server', array(':1\r\n', ':1\r\n')],
  ['client', command('SUBSCRIBE', 'c1', 'c2')],
  ['server', push(bulk('subscribe'), bulk('c1'), ':1\r\n')],
  ['server', push(bulk('subscribe'), bulk('c2'), ':2\r\n')],
  ['server', push(bulk('message'), bulk('c1'), bulk('hi')) + push(bulk('invalidate'), '_\r\n')],
  ['client', `${command('XREAD', 'BLOCK', '0', 'STREAMS', 's1', '0')}PING\r\n\r\n`],
  ['server', `*-1\r\n+PONG\r\n`],
  ['client', command('JSON.SET', 'doc', '$', '1')],
  ['server', `!${'21\r\nSYNTAX invalid syntax\r\n'}`],
];

describe('a Redis connection', () => {
  itPassesUnaltered(redis, CONVERSATION);
  itSurvivesGarbage(redis, CONVERSATION);

  it('names each command by its key, script and transaction', () => {
    expect(played(...CONVERSATION).log).toEqual([
      'redis.hello → ok',
      'redis.set key=job:1 → ok',
      'redis.get key=job:1 → ok',
      'redis.ping → ok',
      'redis.evalsha key=k1 script=ab12 → error NOSCRIPT',
      'redis.multi → ok',
      'redis.hset key=h queued=true → ok',
      'redis.expire key=h queued=true → ok',
      'redis.exec effects=hset expire key=h → ok',
      'redis.subscribe channel=c1 → ok',
      'redis.message kind=message channel=c1 → ok',
      'redis.push kind=invalidate → ok',
      'redis.xread key=s1 → ok',
      'redis.ping → ok',
      'redis.other command=json.set → error SYNTAX',
    ]);
  });

  it('has the commands of a transaction in the content of EXEC', () => {
    const tap = played(...CONVERSATION);
    const exec = tap.operations.find(({ name }) => name === 'redis.exec');
    expect(exec?.content.map(String)).toEqual([
      command('EXEC'),
      command('HSET', 'h', 'f', 'v'),
      command('EXPIRE', 'h', '9'),
    ]);
  });

  it('finds a script by its hash, sent or named', () => {
    const tap = played(['client', command('EVAL', 'return 1', '0')]);
    expect(tap.operations[0]?.attributes).toEqual({
      script: 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db',
    });
  });

  it('tells messages of a channel in RESP2 from lists that look like them', () => {
    const lookalike = array(bulk('message'), bulk('c'), bulk('x'));
    const tap = played(
      ['client', command('LRANGE', 'l', '0', '-1')],
      ['server', lookalike],
      ['client', command('SUBSCRIBE', 'c')],
      ['server', array(bulk('subscribe'), bulk('c'), ':1\r\n') + lookalike],
      ['client', command('UNSUBSCRIBE')],
      ['server', lookalike + array(bulk('unsubscribe'), bulk('c'), ':0\r\n')],
      ['client', command('LRANGE', 'l', '0', '-1')],
      ['server', lookalike],
    );
    expect(tap.log).toEqual([
      'redis.lrange key=l → ok',
      'redis.subscribe channel=c → ok',
      'redis.message kind=message channel=c → ok',
      'redis.unsubscribe → ok',
      'redis.message kind=message channel=c → ok',
      'redis.lrange key=l → ok',
    ]);
  });

  it('knows an aborted transaction from an error', () => {
    const tap = played(
      ['client', command('WATCH', 'k') + command('MULTI') + command('EXEC')],
      ['server', '+OK\r\n+OK\r\n*-1\r\n'],
    );
    expect(tap.log.at(-1)).toBe('redis.exec aborted=true → ok');
  });

  it('gives a repeated request a second answer that the client does not get', () => {
    const tap = played(['client', command('INCR', 'n') + command('GET', 'n')]);
    const fresh = new Wiretap(redis);
    const [incr, get] = fresh.decoder.read(
      'client',
      Buffer.from(command('INCR', 'n') + command('GET', 'n')),
    );
    if (!incr || !get) throw new Error('two messages');
    for (const message of [incr, incr, get]) fresh.forward(message);
    fresh.read('server', Buffer.from(':1\r\n:2\r\n$1\r\n2\r\n'));
    expect(tap.operations).toHaveLength(2);
    expect(fresh.messages.map(({ surplus, ends }) => surplus ?? ends[0]?.id)).toEqual([1, true, 2]);
    expect(fresh.forwarded('server').toString()).toBe(':1\r\n$1\r\n2\r\n');
  });

  it('matches answers with the requests that were forwarded, in their order', () => {
    const tap = new Wiretap(redis);
    const [lost, kept] = tap.decoder.read(
      'client',
      Buffer.from(command('DEL', 'a') + command('DEL', 'b')),
    );
    expect(lost?.begins[0]?.attributes).toEqual({ key: 'a' });
    if (kept) tap.forward(kept);
    tap.read('server', Buffer.from('-READONLY no\r\n'));
    expect(tap.ends).toMatchObject([
      { id: kept?.begins[0]?.id, outcome: 'error', code: 'READONLY' },
    ]);
  });

  it.each(['READONLY', 'OOM', 'NOREPLICAS', 'MISCONF'])('answers with %s', (code) => {
    const tap = played(['client', command('SET', 'k', 'v')]);
    const [operation] = tap.operations;
    const answer = operation && tap.decoder.errorAnswer?.(operation, code);
    tap.read('server', answer ?? Buffer.alloc(0));
    expect(tap.ends).toMatchObject([{ outcome: 'error', code }]);
  });

  it('ends the transaction of the server when a rule ends that of the client', () => {
    const tap = played([
      'client',
      command('MULTI') + command('SET', 'k', 'v') + command('EXEC') + command('GET', 'k'),
    ]);
    const instead = tap.operations.map((one) => tap.decoder.insteadOf?.(one, 'READONLY'));
    const [multi, set, exec, get] = instead.map(String);
    expect([multi, get]).toEqual(['undefined', 'undefined']);
    expect(exec).toBe(command('DISCARD'));
    expect(set).toBe(command('REFUSED-BY-A-RULE!'));
  });

  it.each([
    ['TLS', Buffer.from('16030100c8010000c4', 'hex')],
    ['MONITOR', Buffer.from(command('MONITOR'))],
    ['replies that are switched off', Buffer.from(command('CLIENT', 'REPLY', 'OFF'))],
  ])('is opaque with %s', (_what, bytes) => {
    const { decoder } = new Wiretap(redis);
    expect(() => decoder.read('client', bytes)).toThrow(/./);
    expect(decoder.pending('client')).toEqual(bytes);
  });

  it('reads a large reply in parts without starting over', () => {
    const reply = Buffer.from(array(...Array.from({ length: 20_000 }, () => bulk('x'.repeat(50)))));
    const tap = played(['client', command('LRANGE', 'l', '0', '-1')]);
    for (let at = 0; at < reply.length; at += 1_000) {
      tap.read('server', reply.subarray(at, at + 1_000));
    }
    expect(tap.log).toEqual(['redis.lrange key=l → ok']);
    expect(tap.forwarded('server').equals(reply)).toBe(true);
  });
});
