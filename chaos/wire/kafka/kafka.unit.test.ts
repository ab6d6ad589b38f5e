import { readFileSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  itPassesUnaltered,
  itSurvivesGarbage,
  readRecording,
  type Turn,
  Wiretap,
} from '../decoder.testkit.ts';
import type { FieldWriter } from './fields.ts';
import { answerBytes, type BatchOptions, batch, requestBytes, type Sent } from './kafka.testkit.ts';
import { kafka } from './kafka.ts';

const TOPIC_ID = '00112233445566778899aabbccddeeff';
const topicId = Buffer.from(TOPIC_ID, 'hex');

/** One array with one entry. */
const one = (body: FieldWriter, write: () => void): void => {
  body.length(1);
  write();
  body.tags();
};

function metadata(correlation: number): Turn[] {
  const sent: Sent = { key: 3, version: 12, correlation, flexible: true };
  const answer = answerBytes(sent, (body) => {
    body.int32(0);
    one(body, () => body.int32(1).text('127.0.0.1').int32(9092).text(undefined));
    body.text('cluster').int32(1);
    one(body, () => {
      body.int16(0).text('inventory.events').raw(topicId).int8(0);
      one(body, () => body.int16(0).int32(0).int32(1).int32(0).length(0).length(0).length(0));
      body.int32(0);
    });
  });
  return [
    ['client', requestBytes(sent, (body) => body.length(-1).int8(1).int8(0))],
    ['server', answer],
  ];
}

function produce(version: number, correlation: number, options: BatchOptions, code = 0): Turn[] {
  const sent: Sent = { key: 0, version, correlation, flexible: version >= 9 };
  const name = (body: FieldWriter) =>
    version >= 13 ? body.raw(topicId) : body.text('inventory.events');
  const request = requestBytes(sent, (body) => {
    body.text(undefined).int16(-1).int32(1_000);
    one(body, () => {
      name(body);
      one(body, () => body.int32(2).blob(batch(options)));
    });
  });
  const answer = answerBytes(sent, (body) => {
    one(body, () => {
      name(body);
      one(body, () => {
        body.int32(2).int16(code).int64(41).int64(-1);
        if (version >= 5) body.int64(0);
        if (version >= 8) body.length(0).text(undefined);
      });
    });
    body.int32(0);
  });
  return [
    ['client', request],
    ['server', answer],
  ];
}

function fetch(version: number, correlation: number, batches: readonly Buffer[]): Turn[] {
  const sent: Sent = { key: 1, version, correlation, flexible: version >= 12 };
  const answer = answerBytes(sent, (body) => {
    body.int32(0).int16(0).int32(7).length(batches.length);
    for (const [partition, records] of batches.entries()) {
      if (version >= 13) body.raw(topicId);
      else body.text(`topic-${partition}`);
      one(body, () => {
        body.int32(partition).int16(0).int64(9).int64(9).int64(0).length(-1);
        if (version >= 11) body.int32(-1);
        body.blob(records);
      });
      body.tags();
    }
  });
  return [
    ['client', requestBytes(sent, () => undefined)],
    ['server', answer],
  ];
}

function commit(version: number, correlation: number, code: number): Turn[] {
  const sent: Sent = { key: 8, version, correlation, flexible: version >= 8 };
  const request = requestBytes(sent, (body) => {
    body.text('inventory').int32(5).text('member');
    if (version >= 7) body.text('inventory-1');
    one(body, () => {
      body.text('order.commands');
      one(body, () => {
        body.int32(1).int64(17);
        if (version >= 6) body.int32(0);
        body.text('');
      });
    });
  });
  const answer = answerBytes(sent, (body) => {
    body.int32(0);
    one(body, () => {
      body.text('order.commands');
      one(body, () => body.int32(1).int16(code));
    });
  });
  return [
    ['client', request],
    ['server', answer],
  ];
}

const KEYED = { key: 'order-7', values: ['reserved order-7'] };
const CONVERSATION = [
  ...metadata(1),
  ...produce(9, 2, KEYED),
  ...fetch(12, 3, [batch(KEYED), Buffer.alloc(0)]),
  ...commit(8, 4, 0),
];
const logOf = (turns: readonly Turn[]) => new Wiretap(kafka()).play(turns).log;

/** Of a consumer and a producer of the reference service inventory. */
const RECORDED = readRecording(
  readFileSync(new URL('fixtures/inventory.txt', import.meta.url), 'utf8'),
);

describe('a recorded Kafka connection', () => {
  itPassesUnaltered(kafka(), RECORDED);
});

describe('a Kafka connection', () => {
  itPassesUnaltered(kafka(), CONVERSATION);
  itSurvivesGarbage(kafka(), CONVERSATION);

  it.each([3, 5, 8, 9, 11])('reads a produce of version %i', (version) => {
    expect(logOf(produce(version, 1, KEYED))).toEqual([
      'kafka.produce topic=inventory.events partition=2 records=1 key=order-7 offset=41 → ok',
    ]);
    expect(logOf(produce(version, 1, { values: ['a', 'b'] }, 6))).toEqual([
      'kafka.produce topic=inventory.events partition=2 records=2 → error NOT_LEADER_OR_FOLLOWER',
    ]);
  });

  it('knows a topic by its id once the broker has said which it is', () => {
    const [, produced] = logOf([...metadata(1), ...produce(13, 2, KEYED)]);
    expect(produced).toMatch(/^kafka.produce topic=inventory.events partition=2/);
    expect(logOf(produce(13, 2, KEYED))[0]).toMatch(`topic=${TOPIC_ID}`);
  });

  it.each([5, 6, 7, 8, 9])('reads an offset commit of version %i', (version) => {
    expect(logOf(commit(version, 1, 0))).toEqual([
      'kafka.offset-commit group=inventory topic=order.commands partition=1 offset=17 generation=5 → ok',
    ]);
    expect(logOf(commit(version, 1, 25))[0]).toMatch('error UNKNOWN_MEMBER_ID');
  });

  it.each([7, 11, 12, 13, 17])('reads the records of a fetch of version %i', (version) => {
    const batches = [batch({ firstOffset: 3, values: ['x', 'y'] }), batch({ values: ['z'] })];
    const tap = new Wiretap(kafka()).play([...metadata(1), ...fetch(version, 2, batches)]);
    const [, end] = tap.ends;
    const name = (index: number) => (version >= 13 ? 'inventory.events' : `topic-${index}`);
    expect(end?.parts?.map(({ attributes }) => attributes)).toEqual([
      { topic: name(0), partition: 0, firstOffset: 3, lastOffset: 4, records: 2 },
      { topic: name(1), partition: 1, firstOffset: 0, lastOffset: 0, records: 1 },
    ]);
  });

  it('has no part for a fetch without records', () => {
    const tap = new Wiretap(kafka()).play(fetch(12, 1, [Buffer.alloc(0)]));
    expect(tap.ends[0]?.parts).toEqual([]);
  });

  it.each([
    ['no compression', 0, (bytes: Buffer) => bytes],
    ['gzip', 1, (bytes: Buffer) => gzipSync(bytes)],
    ['snappy', 2, (bytes: Buffer) => snappyLiteral(bytes)],
    ['lz4', 3, (bytes: Buffer) => lz4Uncompressed(bytes)],
    ['zstd', 4, (bytes: Buffer) => zstdCompressSync(bytes)],
  ])('finds what records hold: %s', (_name, attributes, compress) => {
    const turns = produce(9, 1, { ...KEYED, attributes, compress });
    const [operation] = new Wiretap(kafka()).play(turns).operations;
    expect(operation?.content.some((bytes) => bytes.includes('reserved order-7'))).toBe(true);
    expect(operation?.attributes['key']).toBe('order-7');
  });

  it('expects no answer to a produce without acknowledgement', () => {
    const [[, request] = ['client', '']] = produce(7, 1, KEYED);
    const bytes = Buffer.from(request as Buffer);
    bytes.writeInt16BE(0, 4 + 10 + 6 + 2);
    const tap = new Wiretap(kafka()).play([['client', bytes], ...commit(5, 2, 0)]);
    expect(tap.log[0]).toMatch('→ ok');
    expect(tap.ends).toHaveLength(2);
  });

  it.each([
    ['heartbeat', 12, 3, false],
    ['heartbeat', 12, 4, true],
    ['sync-group', 14, 5, true],
    ['join-group', 11, 9, true],
    ['init-producer-id', 22, 4, true],
  ])('answers a %s (%i, version %i) with an error', (name, key, version, flexible) => {
    const sent: Sent = { key, version, correlation: 9, flexible };
    const request = requestBytes(sent, (body) => body.text('g'));
    const tap = new Wiretap(kafka()).play([['client', request]]);
    const [operation] = tap.operations;
    const answer = operation && tap.decoder.errorAnswer?.(operation, 'NOT_COORDINATOR');
    if (!answer) throw new Error(`no answer to ${name}`);
    tap.play([['server', answer]]);
    expect(tap.log[0]).toMatch(new RegExp(`^kafka.${name} .*error NOT_COORDINATOR`));
  });

  it.each([
    ...[3, 5, 8, 9].map((version) => produce(version, 9, KEYED)),
    ...[5, 7, 8].map((version) => commit(version, 9, 0)),
    fetch(12, 9, []),
  ])('answers in the encoding of the request', (request) => {
    const tap = new Wiretap(kafka()).play([request]);
    const [operation] = tap.operations;
    const answer = operation && tap.decoder.errorAnswer?.(operation, 'KAFKA_STORAGE_ERROR');
    if (!answer) throw new Error('no answer');
    tap.play([['server', answer]]);
    expect(tap.log[0]).toMatch('error KAFKA_STORAGE_ERROR');
    expect(operation && tap.decoder.errorAnswer?.(operation, 'NO_SUCH_CODE')).toBeUndefined();
  });

  it.each([
    ['TLS', Buffer.from('16030100fa010000f60303aabbccddeeff00', 'hex')],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n\r\n')],
  ])('is opaque: %s', (_name, bytes) => {
    expect(() => new Wiretap(kafka()).play([['client', bytes]])).toThrow('not Kafka');
  });
});

/** A block of Snappy with one literal. */
function snappyLiteral(bytes: Buffer): Buffer {
  const size: number[] = [];
  for (let left = bytes.length; ; left >>>= 7) {
    if (left < 0x80) {
      size.push(left);
      break;
    }
    size.push((left & 0x7f) | 0x80);
  }
  return Buffer.concat([Buffer.from([...size, 60 << 2, bytes.length - 1]), bytes]);
}

/** A frame of LZ4 with one block that is not compressed. */
function lz4Uncompressed(bytes: Buffer): Buffer {
  const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE((bytes.length | 0x80000000) >>> 0);
  return Buffer.concat([head, size, bytes, Buffer.alloc(4)]);
}
