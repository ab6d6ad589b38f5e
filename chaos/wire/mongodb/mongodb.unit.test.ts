import { deflateSync } from 'node:zlib';
import { serialize } from 'bson';
import { describe, expect, it } from 'vitest';
import { itPassesUnaltered, itSurvivesGarbage, type Turn, Wiretap } from '../decoder.testkit.ts';
import { OpaqueError } from '../protocol.ts';
import { mongodb } from './mongodb.ts';

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};

const message = (id: number, to: number, opCode: number, ...payload: Uint8Array[]): Buffer => {
  const body = Buffer.concat(payload);
  return Buffer.concat([int32(16 + body.length), int32(id), int32(to), int32(opCode), body]);
};

const section = (document: object): Buffer =>
  Buffer.concat([Buffer.from([0]), serialize(document)]);

const documents = (name: string, ...list: object[]): Buffer => {
  const body = Buffer.concat([Buffer.from(`${name}\0`), ...list.map((one) => serialize(one))]);
  return Buffer.concat([Buffer.from([1]), int32(body.length + 4), body]);
};

const ask = (id: number, document: object, ...more: Buffer[]): Buffer =>
  message(id, 0, 2013, int32(0), section(document), ...more);
const answer = (to: number, document: object): Buffer =>
  message(9_000 + to, to, 2013, int32(0), section(document));

const greeting = Buffer.concat([
  ...[int32(0), Buffer.from('admin.$cmd\0'), int32(0), int32(-1)],
  serialize({ ismaster: 1, helloOk: true }),
]);
const compressed = Buffer.concat([
  ...[int32(2013), int32(100), Buffer.from([2])],
  deflateSync(Buffer.concat([int32(0), section({ ping: 1, $db: 'admin' })])),
]);

const CONVERSATION: Turn[] = [
  ['client', message(1, 0, 2004, greeting)],
  ['server', message(100, 1, 1, Buffer.alloc(20), serialize({ ismaster: true, ok: 1 }))],
  ['client', ask(2, { insert: 'orders', $db: 'query' }, documents('documents', { _id: 'o-1' }))],
  ['server', answer(2, { n: 1, ok: 1 })],
  ['client', ask(3, { update: 'orders', $db: 'query' })],
  ['client', ask(4, { find: 'orders', filter: { _id: 'o-1' }, $db: 'query' })],
  ['server', answer(4, { cursor: { firstBatch: [{ _id: 'o-1' }], id: 0n }, ok: 1 })],
  ['server', answer(3, { n: 0, writeErrors: [{ index: 0, code: 11_000 }], ok: 1 })],
  ['client', ask(5, { getMore: 7n, collection: 'orders', $db: 'query' })],
  ['server', answer(5, { ok: 0, code: 10_107, codeName: 'NotWritablePrimary' })],
  ['client', message(6, 0, 2013, int32(2), section({ delete: 'orders', $db: 'query' }))],
  ['client', message(7, 0, 2012, compressed)],
  ['server', answer(7, { ok: 1 })],
  ['client', ask(8, { setParameter: 1, $db: 'admin' })],
  ['server', answer(8, { ok: 1 })],
];

describe('a MongoDB connection', () => {
  itPassesUnaltered(mongodb, CONVERSATION);
  itSurvivesGarbage(mongodb, CONVERSATION);

  it('names each command, and finds its answer', () => {
    expect(new Wiretap(mongodb).play(CONVERSATION).log).toEqual([
      'mongodb.isMaster → ok',
      'mongodb.insert collection=orders database=query n=1 → ok',
      'mongodb.update collection=orders database=query n=0 → error DuplicateKey',
      'mongodb.find collection=orders database=query → ok',
      'mongodb.getMore collection=orders database=query → error NotWritablePrimary',
      'mongodb.delete collection=orders database=query → ok',
      'mongodb.ping database=admin → ok',
      'mongodb.other database=admin command=setParameter → ok',
    ]);
  });

  it('has the documents of a command and of its answer as content', () => {
    const tap = new Wiretap(mongodb).play(CONVERSATION);
    expect(tap.operations[1]?.content[0]?.includes('o-1')).toBe(true);
    expect(tap.ends.find(({ id }) => id === 4)?.content?.[0]?.includes('o-1')).toBe(true);
  });

  it('answers with an error of the server', () => {
    const tap = new Wiretap(mongodb).play([['client', ask(3, { update: 'orders', $db: 'query' })]]);
    const [operation] = tap.operations;
    const bytes = operation && tap.decoder.errorAnswer?.(operation, 'PrimarySteppedDown');
    tap.read('server', bytes ?? Buffer.alloc(0));
    expect(tap.ends).toMatchObject([{ outcome: 'error', code: 'PrimarySteppedDown' }]);
  });

  it('gives a repeated request a second answer that the client does not get', () => {
    const tap = new Wiretap(mongodb);
    const [request] = tap.decoder.read('client', ask(2, { insert: 'orders', $db: 'query' }));
    if (!request) throw new Error('a message');
    tap.forward(request);
    tap.forward(request);
    tap.read('server', Buffer.concat([answer(2, { n: 1, ok: 1 }), answer(2, { n: 0, ok: 1 })]));
    expect(tap.messages.map(({ surplus }) => surplus)).toEqual([undefined, true]);
  });

  it.each([
    ['TLS', Buffer.from('16030100c8010000c40303aabbccddeeff', 'hex')],
    [
      'a compression that Node.js does not have',
      message(1, 0, 2012, int32(2013), int32(9), Buffer.from([1, 0])),
    ],
  ])('is opaque with %s', (_what, bytes) => {
    const decoder = mongodb.open();
    expect(() => decoder.read('client', bytes)).toThrow(OpaqueError);
    expect(decoder.pending('client').equals(bytes)).toBe(true);
  });
});
