import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  itPassesUnaltered,
  itSurvivesGarbage,
  readRecording,
  Wiretap,
} from '../decoder.testkit.ts';
import { OpaqueError } from '../protocol.ts';
import { frame } from './frames.ts';
import { grpc } from './grpc.ts';

/** Of real clients and servers, recorded by a proxy between them. */
const recording = (name: string) =>
  readRecording(readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), 'utf8'));

describe('a recorded connection of gRPC', () => {
  const turns = recording('echo');
  itPassesUnaltered(grpc, turns);
  itSurvivesGarbage(grpc, turns);

  it('has its calls, with the status of each', () => {
    const call = 'grpc.call service=test.v1.Echo method=';
    expect(new Wiretap(grpc).play(turns).log).toEqual([
      `${call}Say status=OK → ok`,
      `${call}Say status=OK → ok`,
      `${call}Count status=OK → ok`,
      `${call}Say status=NOT_FOUND message=as asked → error NOT_FOUND`,
      `${call}Say status=CANCELLED reset=true → error CANCELLED`,
    ]);
  });
});

describe('a recorded connection of an event store', () => {
  const turns = recording('eventstore');
  itPassesUnaltered(grpc, turns);
  itSurvivesGarbage(grpc, turns);

  it('has its appends, reads and events', () => {
    const append = 'eventstore.append stream=order-1 expected=';
    const event = 'eventstore.event stream=order-1 type=OrderPlaced revision=';
    const log = new Wiretap(grpc).play(turns).log.filter((line) => line.startsWith('eventstore'));
    expect(log.map((line) => line.replace(/ position=\d+/, ''))).toEqual([
      'eventstore.subscribe stream=order-1 → ok',
      `${append}no_stream events=1 types=OrderPlaced revision=0 → ok`,
      `${event}0 → ok`,
      `${append}no_stream events=1 types=OrderPlaced → error WrongExpectedVersion`,
      `${append}any events=1 types=OrderPlaced status=OK revision=1 → ok`,
      `${event}1 → ok`,
      'eventstore.read stream=order-1 status=OK events=2 → ok',
    ]);
  });
});

describe('a connection that is no gRPC', () => {
  it.each([
    ['HTTP/1.1', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['TLS', Buffer.from('160301', 'hex')],
    [
      'a frame that is too large',
      Buffer.concat([
        Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
        frame(0, 0, 1, Buffer.alloc(20_000)),
      ]),
    ],
  ])('is opaque: %s', (_what, bytes) => {
    const decoder = grpc.open();
    expect(() => decoder.read('client', bytes)).toThrow(OpaqueError);
    expect(decoder.pending('client').equals(bytes)).toBe(true);
  });
});
