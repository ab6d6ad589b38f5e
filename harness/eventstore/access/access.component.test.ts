import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AccessDeniedError,
  type Credentials,
  EventStoreDBClient,
  jsonEvent,
  persistentSubscriptionToStreamSettingsFromDefaults,
} from '@eventstore/db-client';
import { UsersClient } from '@eventstore/db-client/generated/users_grpc_pb.js';
import usersPb from '@eventstore/db-client/generated/users_pb.js';
import { credentials, Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChildServer, startChildServer } from '../child-server.ts';
import { makeCertificates } from '../client-suite/cluster.ts';
import { collect, refusal, uniqueStream } from '../contract/target.ts';

const ADMIN = { username: 'admin', password: 'first-secret' };
const OPS = { username: 'ops', password: 'changeit' };
const ALICE = { username: 'alice', password: 'wonderland' };
const event = () => jsonEvent({ type: 'event', data: {} });

let folder: string;
let server: ChildServer;
const clients: EventStoreDBClient[] = [];
const certificate = (name: string) => join(folder, 'certificates', name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eventstore-access-'));
  makeCertificates(join(folder, 'certificates'));
  const users = join(folder, 'users.json');
  const alice = { loginName: ALICE.username, password: ALICE.password, groups: ['sales'] };
  await writeFile(users, JSON.stringify([alice]));
  server = await startChildServer(join(folder, 'data'), [
    ...['--tls-cert', certificate('node.crt'), '--tls-key', certificate('node.key')],
    ...['--tls-ca', certificate('ca.crt'), '--users', users],
    ...['--admin-password', ADMIN.password],
  ]);
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.dispose()));
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function connect(user?: Credentials, certificateName?: string): Promise<EventStoreDBClient> {
  const endpoint = `localhost:${server.port}`;
  const rootCertificate = await readFile(certificate('ca.crt'));
  const own =
    certificateName === undefined
      ? {}
      : {
          userCertFile: await readFile(certificate(`${certificateName}.crt`)),
          userKeyFile: await readFile(certificate(`${certificateName}.key`)),
        };
  const client = new EventStoreDBClient({ endpoint }, { rootCertificate, ...own }, user);
  clients.push(client);
  return client;
}

describe('callers', () => {
  it.each([
    ['a user', ALICE, undefined, true],
    ['a wrong password', { ...ALICE, password: 'x' }, undefined, false],
    ['a user that does not exist', { username: 'eve', password: 'x' }, undefined, false],
    ['no credentials', undefined, undefined, false],
    ['a certificate of a user', undefined, 'user-admin', true],
    ['a certificate with the name of no user', undefined, 'user-invalid', false],
    ['a wrong password, with a certificate', { ...ALICE, password: 'x' }, 'user-admin', false],
  ] as const)('with %s: %s', async (_label, user, certificateName, isAccepted) => {
    const client = await connect(user, certificateName);
    for (const options of [{}, ...(user === undefined ? [] : [{ credentials: user }])]) {
      const outcome = client.appendToStream(uniqueStream('caller'), event(), options);
      if (isAccepted) expect((await outcome).success).toBe(true);
      else expect(await refusal(outcome)).toBeInstanceOf(AccessDeniedError);
    }
  });

  it('without TLS are not served', async () => {
    const client = EventStoreDBClient.connectionString(server.connectionString);
    clients.push(client);
    const outcome = client.appendToStream('plain', event(), {
      credentials: ALICE,
      deadline: 2_000,
    });
    await expect(outcome).rejects.toThrow();
  });
});

describe('streams', () => {
  it('obey their access list, for reads, appends, deletes and their metadata', async () => {
    const admin = await connect(ADMIN);
    const alice = await connect(ALICE);
    const stream = uniqueStream('secret');
    await admin.appendToStream(stream, event());
    await alice.appendToStream(stream, event());
    const noOne = { readRoles: [], writeRoles: [], deleteRoles: [], metaReadRoles: [] };
    const acl = { ...noOne, metaWriteRoles: ['sales'] };
    await admin.setStreamMetadata(stream, { acl });
    for (const call of [
      () => alice.appendToStream(stream, event()),
      () => alice.appendToStream(stream, event(), { credentials: ALICE }),
      () => collect(alice.readStream(stream)),
      () => alice.deleteStream(stream),
      () => alice.getStreamMetadata(stream),
    ]) {
      expect(await refusal(call())).toBeInstanceOf(AccessDeniedError);
    }
    expect(await collect(admin.readStream(stream))).toHaveLength(2);
    await alice.setStreamMetadata(stream, { acl: { ...acl, readRoles: ['alice'] } });
    expect(await collect(alice.readStream(stream))).toHaveLength(2);
  });

  it('of the system and $all are for administrators', async () => {
    const alice = await connect(ALICE);
    for (const call of [
      () => collect(alice.readAll({ maxCount: 1 })),
      () => collect(alice.readStream('$user-admin')),
      () => alice.appendToStream('$settings', event()),
    ]) {
      expect(await refusal(call())).toBeInstanceOf(AccessDeniedError);
    }
    expect(await collect((await connect(ADMIN)).readAll({ maxCount: 1 }))).toHaveLength(1);
  });

  it('have the default lists of $settings, and a subscription ends with its right', async () => {
    const admin = await connect(ADMIN);
    const alice = await connect(ALICE);
    const stream = uniqueStream('defaults');
    await alice.appendToStream(stream, event());
    const subscription = alice.subscribeToStream(stream);
    const ended = new Promise((resolve) => subscription.once('error', resolve));
    await new Promise((resolve) => subscription.once('data', resolve));
    const lists = { $userStreamAcl: { $r: '$admins' } };
    await admin.appendToStream('$settings', jsonEvent({ type: 'update', data: lists }));
    await admin.appendToStream(stream, event());
    expect(await ended).toBeInstanceOf(AccessDeniedError);
    const open = { $userStreamAcl: { $r: '$all' } };
    await admin.appendToStream('$settings', jsonEvent({ type: 'update', data: open }));
    expect(await collect(alice.readStream(stream))).toHaveLength(2);
  });
});

describe('groups', () => {
  it('are created by operators, described to users, and read by whom may read the stream', async () => {
    const settings = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: 'start' });
    const [admin, ops, alice] = [await connect(ADMIN), await connect(OPS), await connect(ALICE)];
    const stream = uniqueStream('group');
    await admin.appendToStream(stream, event());
    const create = (client: EventStoreDBClient) =>
      client.createPersistentSubscriptionToStream(stream, 'g', settings);
    expect(await refusal(create(alice))).toBeInstanceOf(AccessDeniedError);
    await create(ops);
    const info = await alice.getPersistentSubscriptionToStreamInfo(stream, 'g');
    expect(info.groupName).toBe('g');
    await admin.setStreamMetadata(stream, { acl: { readRoles: ['ops'] } });
    const refused = alice.subscribeToPersistentSubscriptionToStream(stream, 'g');
    expect(await new Promise((resolve) => refused.once('error', resolve))).toBeInstanceOf(
      AccessDeniedError,
    );
    const reading = ops.subscribeToPersistentSubscriptionToStream(stream, 'g');
    await new Promise((resolve) => reading.once('data', resolve));
    await reading.unsubscribe();
  });
});

describe('users', () => {
  const as = ({ username, password }: typeof ALICE) => {
    const metadata = new Metadata();
    const basic = Buffer.from(`${username}:${password}`).toString('base64');
    metadata.set('authorization', `Basic ${basic}`);
    return metadata;
  };

  it('are created, changed, locked and deleted by administrators only', async () => {
    const ca = await readFile(certificate('ca.crt'));
    const users = new UsersClient(`localhost:${server.port}`, credentials.createSsl(ca));
    const bob = { username: 'bob', password: 'builder' };
    const call = <Request, Answer>(
      method: (
        request: Request,
        metadata: Metadata,
        done: (error: unknown, answer: Answer) => void,
      ) => unknown,
      request: Request,
      metadata = as(ADMIN),
    ) =>
      new Promise<Answer>((resolve, reject) => {
        method.call(users, request, metadata, (error, answer) =>
          error === null ? resolve(answer) : reject(error),
        );
      });
    const create = new usersPb.CreateReq().setOptions(
      new usersPb.CreateReq.Options().setLoginName('bob').setPassword('builder'),
    );
    await expect(call(users.create, create, as(ALICE))).rejects.toMatchObject({ code: 7 });
    await call(users.create, create);
    await expect(call(users.create, create)).rejects.toMatchObject({ code: 9 });
    const client = await connect(bob);
    await client.appendToStream(uniqueStream('bob'), event());
    const disable = new usersPb.DisableReq().setOptions(
      new usersPb.DisableReq.Options().setLoginName('bob'),
    );
    await call(users.disable, disable);
    const locked = client.appendToStream(uniqueStream('bob'), event(), { credentials: bob });
    expect(await refusal(locked)).toBeInstanceOf(AccessDeniedError);
    const enable = new usersPb.EnableReq().setOptions(
      new usersPb.EnableReq.Options().setLoginName('bob'),
    );
    await call(users.enable, enable);
    const change = new usersPb.ChangePasswordReq().setOptions(
      new usersPb.ChangePasswordReq.Options()
        .setLoginName('bob')
        .setCurrentPassword('builder')
        .setNewPassword('gardener'),
    );
    await call(users.changePassword, change, as(bob));
    const changed = { username: 'bob', password: 'gardener' };
    const appended = await client.appendToStream('bob', event(), { credentials: changed });
    expect(appended.success).toBe(true);
    const remove = new usersPb.DeleteReq().setOptions(
      new usersPb.DeleteReq.Options().setLoginName('bob'),
    );
    await call(users.delete, remove);
    await expect(call(users.delete, remove)).rejects.toMatchObject({ code: 5 });
    users.close();
  });
});

describe('HTTP on the same port', () => {
  const get = async (path: string) => {
    const ca = await readFile(certificate('ca.crt'));
    return new Promise<{ statusCode: number | undefined; body: string }>((resolve, reject) => {
      request({ host: 'localhost', port: server.port, path, ca }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on('end', () => resolve({ statusCode: response.statusCode, body }));
      })
        .on('error', reject)
        .end();
    });
  };

  it('answers what clients and probes ask, without credentials', async () => {
    expect(await get('/health/live')).toEqual({ statusCode: 204, body: '' });
    expect((await get('/ping')).body).toContain('Ping request successfully handled');
    expect(JSON.parse((await get('/info')).body)).toMatchObject({ state: 'leader' });
    expect(JSON.parse((await get('/gossip')).body)).toMatchObject({
      members: [{ state: 'Leader', isAlive: true, httpEndPointPort: server.port }],
    });
    expect((await get('/projections/any')).statusCode).toBe(404);
  });
});
