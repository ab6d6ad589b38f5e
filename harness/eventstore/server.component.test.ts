import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CancelledError,
  EventStoreDBClient,
  jsonEvent,
  UnavailableError,
} from '@eventstore/db-client';
import { GossipClient } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import type gossipPb from '@eventstore/db-client/generated/gossip_pb.js';
import { MonitoringService } from '@eventstore/db-client/generated/monitoring_grpc_pb.js';
import { OperationsService } from '@eventstore/db-client/generated/operations_grpc_pb.js';
import { ProjectionsService } from '@eventstore/db-client/generated/projections_grpc_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import { UsersService } from '@eventstore/db-client/generated/users_grpc_pb.js';
import { Client, credentials, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChildServer, runToExit, startChildServer } from './child-server.ts';

let root: string;
let folders = 0;
const newFolder = () => join(root, `${folders++}`);
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'eventstore-'));
});
afterAll(() => rm(root, { recursive: true }));

/** Where a subscription ends up that was live when its server went away. */
async function liveSubscription(connectionString: string) {
  const client = EventStoreDBClient.connectionString(connectionString);
  const subscription = client.subscribeToAll();
  const failed = new Promise((resolve) => subscription.once('error', resolve));
  subscription.resume();
  await new Promise((resolve) => subscription.once('caughtUp', resolve));
  return { client, failed };
}

describe('the event store process', () => {
  it('tells subscribers on SIGTERM that it cancels, keeps what it took, and exits with 0', async () => {
    const folder = newFolder();
    const server = await startChildServer(folder);
    const { client, failed } = await liveSubscription(server.connectionString);
    await client.appendToStream('kept', jsonEvent({ type: 'kept', data: {} }));
    expect(await server.end('SIGTERM')).toBe(0);
    const error = await failed;
    expect(error).toBeInstanceOf(CancelledError);
    expect(String(error)).toContain('The server is shutting down');
    await client.dispose();
    await using again = await startChildServer(folder);
    const reader = EventStoreDBClient.connectionString(again.connectionString);
    expect(await Array.fromAsync(reader.readStream('kept'))).toHaveLength(1);
    await reader.dispose();
  });

  it('answers on SIGTERM every append that it writes, so that none is in doubt', async () => {
    const folder = newFolder();
    const server = await startChildServer(folder);
    const client = EventStoreDBClient.connectionString(server.connectionString);
    const acknowledged = new Set<string>();
    const first = Promise.withResolvers<void>();
    const appends = Array.from({ length: 3_000 }, async (_, number) => {
      await client.appendToStream(`in-flight-${number}`, jsonEvent({ type: 'event', data: {} }));
      acknowledged.add(`in-flight-${number}`);
      first.resolve();
    });
    const settled = Promise.allSettled(appends);
    await first.promise;
    expect(await server.end('SIGTERM')).toBe(0);
    const outcomes = await settled;
    expect(outcomes.some(({ status: outcome }) => outcome === 'rejected')).toBe(true);
    await client.dispose();
    await using again = await startChildServer(folder);
    const reader = EventStoreDBClient.connectionString(again.connectionString);
    const events = await Array.fromAsync(reader.readAll());
    const written = events
      .map(({ event }) => event?.streamId ?? '')
      .filter((name) => name[0] === 'i');
    expect(new Set(written)).toEqual(acknowledged);
    await reader.dispose();
  });

  it('looks unavailable to subscribers when it is killed', async () => {
    const server = await startChildServer(newFolder());
    const { client, failed } = await liveSubscription(server.connectionString);
    await server.end('SIGKILL');
    expect(await failed).toBeInstanceOf(UnavailableError);
    await client.dispose();
  });

  it('refuses a busy port, a used folder and a wrong flag, and says which', async () => {
    const folder = newFolder();
    await using server = await startChildServer(folder);
    const busy = await runToExit(['--data', newFolder(), '--port', `${server.port}`]);
    expect(busy).toMatchObject({ code: 1 });
    expect(busy.stderr).toContain(`Cannot listen on 127.0.0.1:${server.port}`);
    const used = await runToExit(['--data', folder]);
    expect(used).toMatchObject({ code: 1 });
    expect(used.stderr).toContain(`${folder} is in use by another event store`);
    const wrong = await runToExit(['--data', folder, '--port', '70000']);
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.stderr).toContain('whole number from 0 to 65535');
    const missing = await runToExit([]);
    expect(missing.stderr).toContain('--data');
  });

  it('begins $all with a system event, as a real server does, and only the first time', async () => {
    const folder = newFolder();
    const systemEvents = async () => {
      await using server = await startChildServer(folder);
      const client = EventStoreDBClient.connectionString(server.connectionString);
      const events = await Array.fromAsync(client.readAll());
      await client.dispose();
      return events.map(({ event }) => [event?.streamId, event?.type]);
    };
    expect(await systemEvents()).toEqual([['$$$stats', '$metadata']]);
    expect(await systemEvents()).toHaveLength(1);
  });

  it('advertises the given address, so that discovery leads through a proxy', async () => {
    const args = ['--advertise-host', 'proxy.test', '--advertise-port', '4711'];
    await using server = await startChildServer(newFolder(), args);
    const client = new GossipClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
    const info = await new Promise<gossipPb.ClusterInfo>((resolve, reject) => {
      client.read(new sharedPb.Empty(), (error, answer) =>
        error === null ? resolve(answer) : reject(error),
      );
    });
    client.close();
    expect(info.getMembersList().map((member) => member.getHttpEndPoint()?.toObject())).toEqual([
      { address: 'proxy.test', port: 4711 },
    ]);
  });
});

describe('what is not built', () => {
  const services = {
    ProjectionsService,
    UsersService,
    OperationsService,
    MonitoringService,
  };

  let server: ChildServer;
  beforeAll(async () => {
    server = await startChildServer(newFolder());
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each(Object.entries(services))('answers UNIMPLEMENTED: %s', async (_name, service) => {
    const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
    const codes = new Set<status>();
    for (const { path } of Object.values(service)) {
      const call = client.makeServerStreamRequest(
        path,
        () => Buffer.alloc(0),
        (bytes) => bytes,
        undefined,
      );
      call.on('error', () => undefined);
      call.resume();
      codes.add(await new Promise((resolve) => call.on('status', ({ code }) => resolve(code))));
    }
    client.close();
    expect([...codes]).toEqual([status.UNIMPLEMENTED]);
  });
});
