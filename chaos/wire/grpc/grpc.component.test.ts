import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { startChildServer } from '../../../harness/eventstore/child-server.ts';
import { logOf } from '../decoder.testkit.ts';
import type { Message } from '../protocol.ts';
import { type Decision, type Relay, startRelay } from '../relay.testkit.ts';
import { appendAlone } from './append.testkit.ts';
import { contentOf, type Frame, FrameType, frameAt } from './frames.ts';
import { EchoClient, type EchoServer, startEcho } from './grpc.testkit.ts';
import { grpc } from './grpc.ts';
import { HpackDecoder } from './hpack.ts';

interface Scene {
  readonly server: EchoServer;
  readonly relay: Relay;
  readonly client: EchoClient;
}

async function withEcho(
  decide: (message: Message) => Decision,
  play: (scene: Scene) => Promise<void>,
): Promise<void> {
  await using server = await startEcho();
  const upstream = { host: '127.0.0.1', port: server.port };
  await using relay = await startRelay({ protocol: grpc, upstream, decide });
  using client = new EchoClient(relay.port);
  await play({ server, relay, client });
}

const contains = (message: Message, text: string): boolean =>
  message.begins.some(({ content }) => content.some((bytes) => bytes.includes(text)));

/** Decides about the request that has this text, and forwards the rest. */
const onRequest =
  (text: string, decision: Decision) =>
  (message: Message): Decision =>
    contains(message, text) ? decision : 'forward';

/** Decides about all messages of the answer to the request with this text. */
function onAnswer(text: string, decision: Decision): (message: Message) => Decision {
  let id: number | undefined;
  let lane: number | undefined;
  let isInside = false;
  return (message) => {
    if (contains(message, text)) {
      id = message.begins[0]?.id;
      lane = message.lane;
    }
    if (id === undefined) return 'forward';
    if (message.answers.includes(id)) isInside = true;
    const hits = isInside && message.from === 'server' && message.lane === lane;
    if (message.ends.some((end) => end.id === id)) isInside = false;
    return hits ? decision : 'forward';
  };
}

const forward = (): Decision => 'forward';

describe('gRPC calls through a proxy', () => {
  it('pass with messages, metadata, status and trailers', () =>
    withEcho(forward, async ({ client, relay }) => {
      expect(await client.say('hello', { 'x-id': 'o-1' })).toBe('hello');
      expect(await client.count(3)).toEqual(['0', '1', '2']);
      await expect(client.say('no', { fail: String(status.NOT_FOUND) })).rejects.toMatchObject({
        code: status.NOT_FOUND,
        details: 'as asked',
        metadata: expect.objectContaining({}),
      });
      const long = 'x'.repeat(1_000_000);
      expect(await client.say(long)).toBe(long);
      expect(logOf(relay.messages)).toEqual([
        'grpc.call service=test.v1.Echo method=Say status=OK → ok',
        'grpc.call service=test.v1.Echo method=Count status=OK → ok',
        'grpc.call service=test.v1.Echo method=Say status=NOT_FOUND message=as asked → error NOT_FOUND',
        'grpc.call service=test.v1.Echo method=Say status=OK → ok',
      ]);
      expect(relay.messages.some((message) => contains(message, 'o-1'))).toBe(true);
    }));

  it('end as cancelled when the client gives up', () =>
    withEcho(onRequest('lost', 'withhold'), async ({ client, server, relay }) => {
      await expect(client.say('lost', {}, 100)).rejects.toMatchObject({
        code: status.DEADLINE_EXCEEDED,
      });
      await vi.waitFor(() =>
        expect(logOf(relay.messages)).toEqual([
          'grpc.call service=test.v1.Echo method=Say status=CANCELLED reset=true → error CANCELLED',
        ]),
      );
      expect(await client.say('next')).toBe('next');
      expect(server.said).toEqual(['next']);
    }));

  it('are answered with a status of the proxy, without the server', () =>
    withEcho(onRequest('refused', { error: 'UNAVAILABLE' }), async ({ client, server }) => {
      await expect(client.say('refused')).rejects.toMatchObject({ code: status.UNAVAILABLE });
      expect(await client.say('next')).toBe('next');
      expect(server.said).toEqual(['next']);
    }));

  it('lose their answer, and later ones do not', () =>
    withEcho(onAnswer('done', 'withhold'), async ({ client, server }) => {
      await expect(client.say('done', {}, 200)).rejects.toMatchObject({
        code: status.DEADLINE_EXCEEDED,
      });
      for (let index = 0; index < 5; index++) expect(await client.say('again')).toBe('again');
      expect(server.said).toEqual(['done', 'again', 'again', 'again', 'again', 'again']);
    }));

  it('overtake one whose answer is held', () =>
    withEcho(onAnswer('first', 'later'), async ({ client, relay }) => {
      const first = client.say('first');
      for (let index = 0; index < 5; index++) {
        expect(await client.say('other', { 'x-new': `value ${index}` })).toBe('other');
      }
      relay.release();
      expect(await first).toBe('first');
      expect(await client.say('last')).toBe('last');
    }));

  it('overtake one whose request is held', () =>
    withEcho(onRequest('first', 'later'), async ({ client, server, relay }) => {
      const first = client.say('first');
      expect(await client.say('other')).toBe('other');
      expect(server.said).toEqual(['other']);
      relay.release();
      expect(await first).toBe('first');
    }));

  it('reach the server twice, and the client gets one answer', () =>
    withEcho(onRequest('twice', 'twice'), async ({ client, server }) => {
      expect(await client.say('before')).toBe('before');
      expect(await client.say('twice')).toBe('twice');
      await vi.waitFor(() => expect(server.said).toEqual(['before', 'twice', 'twice']));
      for (let index = 0; index < 5; index++) expect(await client.say('twice')).toBe('twice');
      expect(await client.count(2)).toEqual(['0', '1']);
      await vi.waitFor(() => expect(server.said).toHaveLength(13));
    }));

  it('do not run out of credit when answers are withheld', () =>
    withEcho(
      (message) => (message.from === 'server' && message.lane === 1 ? 'withhold' : 'forward'),
      async ({ client }) => {
        const long = 'x'.repeat(200_000);
        await expect(client.say(long, {}, 500)).rejects.toMatchObject({
          code: status.DEADLINE_EXCEEDED,
        });
        for (let index = 0; index < 3; index++) expect(await client.say(long)).toBe(long);
      },
    ));

  it('leave a client of another protocol alone', () =>
    withEcho(forward, async ({ relay }) => {
      const response = fetch(`http://127.0.0.1:${relay.port}/`);
      await expect(response).rejects.toThrow();
      expect(relay.messages).toEqual([]);
    }));
});

describe('headers that node:http2 compresses', () => {
  it('are read as they were sent', async () => {
    const sent = fc.sample(
      fc.dictionary(
        fc.stringMatching(/^x-[a-z0-9-]{1,12}$/),
        fc.stringMatching(/^[!-~]([ -~]{0,60}[!-~])?$/),
        { maxKeys: 6 },
      ),
      { numRuns: 200, seed: 7 },
    );
    const server = createServer((_request, response) => response.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const upstream = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    await using relay = await startRelay({ protocol: grpc, upstream });
    const session = connect(`http://127.0.0.1:${relay.port}`);
    for (const headers of sent) {
      const stream = session.request({ ':path': '/a', ...headers });
      stream.resume();
      await once(stream, 'close');
    }
    session.destroy();
    server.close();
    const decoder = new HpackDecoder();
    const read = relay.messages
      .filter(({ from, bytes }) => from === 'client' && bytes[3] === FrameType.headers)
      .map(({ bytes }) => frameAt(bytes, bytes.length) as Frame)
      .map((frame) => decoder.decode(contentOf(frame)).fields)
      .map((fields) => Object.fromEntries(fields.filter(([name]) => name.startsWith('x-'))));
    expect(read).toEqual(sent.map((headers) => ({ ...headers })));
  });
});

describe('an event store through a proxy', () => {
  const event = (id: string) => jsonEvent({ type: 'OrderPlaced', data: { id } });
  const log = (relay: Relay) =>
    logOf(relay.messages).map((line) => line.replace(/ position=\d+/g, ' position=#'));

  async function withStore(
    decide: (message: Message) => Decision,
    play: (client: EventStoreDBClient, relay: Relay) => Promise<void>,
  ): Promise<void> {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'sagaproof-wire-'));
    await using store = await startChildServer(folder.path);
    const upstream = { host: '127.0.0.1', port: store.port };
    await using relay = await startRelay({ protocol: grpc, upstream, decide });
    const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${relay.port}?tls=false`);
    try {
      await play(client, relay);
    } finally {
      await client.dispose();
    }
  }

  it('has appends, reads and subscriptions by stream', () =>
    withStore(forward, async (client, relay) => {
      const subscription = client.subscribeToStream('order-1', { fromRevision: 'start' });
      const received: unknown[] = [];
      subscription.on('data', ({ event: recorded }) => received.push(recorded?.data));
      await client.appendToStream('order-1', [event('o-1')], { expectedRevision: NO_STREAM });
      const refused = client.appendToStream('order-1', [event('o-2')], {
        expectedRevision: NO_STREAM,
      });
      await expect(refused).rejects.toThrow();
      for await (const _ of client.readStream('order-1'));
      await expect(Array.fromAsync(client.readStream('order-2'))).rejects.toThrow();
      await vi.waitFor(() => expect(received).toEqual([{ id: 'o-1' }]));
      await subscription.unsubscribe();
      const append =
        'eventstore.append stream=order-1 expected=no_stream events=1 types=OrderPlaced';
      await vi.waitFor(() =>
        expect(log(relay).toSorted()).toEqual([
          `${append} revision=0 position=# → ok`,
          `${append} → error WrongExpectedVersion`,
          'eventstore.event stream=order-1 type=OrderPlaced revision=0 position=# → ok',
          'eventstore.read stream=order-1 status=OK events=1 → ok',
          'eventstore.read stream=order-2 status=OK events=0 → ok',
          'eventstore.subscribe stream=order-1 → ok',
          'grpc.call service=event_store.client.server_features.ServerFeatures method=GetSupportedMethods status=OK → ok',
        ]),
      );
      const withId = relay.messages.find((message) => contains(message, 'o-1'));
      expect(withId?.begins[0]?.name).toBe('eventstore.append');
    }));

  it('appends once what arrives twice, and the client gets one answer', () =>
    withStore(onRequest('o-1', 'twice'), async (client) => {
      await client.appendToStream('order-1', [event('o-1')]);
      const second = await client.appendToStream('order-1', [event('o-2')]);
      expect(second).toMatchObject({ success: true, nextExpectedRevision: 1n });
    }));

  it('appends once what arrives twice in a call of its own', () =>
    withStore(onRequest('o-1', 'twice'), async (_client, relay) => {
      expect(await appendAlone(relay.port, 'order-1', 'o-1')).toBe('0');
      await vi.waitFor(() =>
        expect(relay.messages.some(({ surplus }) => surplus === true)).toBe(true),
      );
      expect(await appendAlone(relay.port, 'order-1', 'o-2')).toBe('1');
    }));

  it('ends the call of an append with a status', () =>
    withStore(onRequest('o-1', { error: 'UNAVAILABLE' }), async (client) => {
      await expect(client.appendToStream('order-1', [event('o-1')])).rejects.toThrow();
      const next = await client.appendToStream('order-1', [event('o-2')]);
      expect(next).toMatchObject({ success: true, nextExpectedRevision: 0n });
    }));

  it('stores an append whose answer is lost, and later ones are answered', () =>
    withStore(onAnswer('o-1', 'withhold'), async (client) => {
      const lost = client.appendToStream('order-1', [event('o-1')]).catch(() => 'lost');
      const next = await client.appendToStream('order-2', [event('o-2')]);
      expect(next).toMatchObject({ success: true });
      expect(await Array.fromAsync(client.readStream('order-1'))).toHaveLength(1);
      await client.dispose();
      expect(await lost).toBe('lost');
    }));

  it.each(['WrongExpectedVersion', 'Timeout', 'AccessDenied'])('refuses an append: %s', (error) =>
    withStore(onRequest('o-1', { error }), async (client) => {
      await expect(client.appendToStream('order-1', [event('o-1')])).rejects.toThrow();
      const next = await client.appendToStream('order-1', [event('o-2')]);
      expect(next).toMatchObject({ success: true, nextExpectedRevision: 0n });
    }),
  );
});
