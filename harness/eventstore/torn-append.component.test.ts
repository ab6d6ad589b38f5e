import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChildServer } from './child-server.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eventstore-torn-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A proxy whose connections can be cut. */
async function startLink(upstreamPort: number) {
  const sockets = new Set<Socket>();
  let bytes = 0;
  const server = createServer((downstream) => {
    const upstream = connect(upstreamPort, '127.0.0.1');
    sockets.add(upstream).add(downstream);
    downstream.on('data', (chunk) => {
      bytes += chunk.length;
      upstream.write(chunk);
    });
    upstream.pipe(downstream);
    for (const socket of [downstream, upstream]) socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get bytes() {
      return bytes;
    },
    cut(how: 'close' | 'reset') {
      for (const socket of sockets) how === 'reset' ? socket.resetAndDestroy() : socket.destroy();
      sockets.clear();
    },
    close: () => server.close(),
  };
}

function options(stream: string): streamsPb.AppendReq {
  const identifier = new sharedPb.StreamIdentifier().setStreamName(Buffer.from(stream));
  const options = new streamsPb.AppendReq.Options().setStreamIdentifier(identifier);
  return new streamsPb.AppendReq().setOptions(options.setNoStream(new sharedPb.Empty()));
}

function event(): streamsPb.AppendReq {
  const id = new sharedPb.UUID().setString(crypto.randomUUID());
  const message = new streamsPb.AppendReq.ProposedMessage().setId(id).setData(Buffer.from('{}'));
  message.getMetadataMap().set('type', 'half').set('content-type', 'application/json');
  return new streamsPb.AppendReq().setProposedMessage(message);
}

describe('an append whose connection breaks before its last event', () => {
  it.each(['close', 'reset'] as const)('writes nothing (%s)', async (how) => {
    await using server = await startChildServer(join(folder, how));
    const port = Number(new URL(server.connectionString).port);
    const streams = Array.from({ length: 20 }, (_, n) => `torn-${how}-${n}`);
    for (const stream of streams) {
      const link = await startLink(port);
      const client = new StreamsClient(`127.0.0.1:${link.port}`, credentials.createInsecure());
      const failed = Promise.withResolvers<unknown>();
      const call = client.append((error: unknown) => failed.resolve(error));
      call.on('error', () => undefined);
      call.write(options(stream));
      await new Promise((resolve) => call.write(event(), resolve));
      await expect.poll(() => link.bytes).toBeGreaterThan(200);
      link.cut(how);
      expect(await failed.promise).toBeInstanceOf(Error);
      client.close();
      link.close();
    }
    const reader = EventStoreDBClient.connectionString(server.connectionString);
    await reader.appendToStream('whole', jsonEvent({ type: 'whole', data: {} }));
    const all = await Array.fromAsync(reader.readAll());
    expect(
      all.flatMap(({ event }) => event?.streamId ?? []).filter((s) => s.startsWith('torn')),
    ).toEqual([]);
    await reader.dispose();
  });
});
