import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locateInstallation } from '../../../harness/provision/provision.ts';
import { freePort } from '../lines.testkit.ts';
import { WireProxy } from '../proxy.ts';
import { Recorder } from '../recorder.ts';
import { RuleBook } from '../rules.ts';
import { redis } from './redis.ts';

const LINK = 'service→redis';
const HOST = '127.0.0.1';

describe('a rule on a Redis command', () => {
  const rules = new RuleBook();
  const proxy = new WireProxy(rules, new Recorder(() => 'redis'));
  let server: ReturnType<typeof spawn>;
  let client: Redis;
  beforeAll(async () => {
    const [port, proxied] = [await freePort(), await freePort()];
    const installed = await locateInstallation();
    const settings = ['--port', String(port), '--bind', HOST, '--save', ''];
    server = spawn(installed.redis.binary, settings, { stdio: 'ignore' });
    const upstream = `${HOST}:${port}`;
    await proxy.listen({ name: LINK, listen: `${HOST}:${proxied}`, upstream, protocol: redis });
    client = new Redis(proxied, HOST, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    client.on('error', () => undefined);
    await client.ping();
  });
  afterAll(async () => {
    client.disconnect();
    await proxy[Symbol.asyncDispose]();
    server.kill('SIGKILL');
    await once(server, 'exit');
  });

  const owner = { onHit: () => undefined, onFailure: () => undefined };
  const errorAt = (operation: string) =>
    rules.arm(
      { link: LINK, operation, point: 'request', action: { kind: 'error', code: 'READONLY' } },
      owner,
    );

  it('refuses the end of a transaction, and the connection is outside of it', async () => {
    errorAt('redis.exec');
    await expect(client.multi().set('k', '1').exec()).rejects.toThrow('READONLY');
    expect(await client.get('k')).toBeNull();
    expect(await client.multi().set('k', '2').exec()).toEqual([[null, 'OK']]);
  });

  it('refuses a command of a transaction, which then has no effect', async () => {
    errorAt('redis.hset');
    await expect(client.multi().set('k', '3').hset('h', 'f', 'v').exec()).rejects.toThrow();
    expect(await client.get('k')).toBe('2');
  });

  it('refuses one command of a pipeline, and the others are answered in order', async () => {
    errorAt('redis.incr');
    const answers = await client.pipeline().set('a', '5').incr('a').get('a').exec();
    expect(answers).toEqual([
      [null, 'OK'],
      [expect.objectContaining({ message: expect.stringContaining('READONLY') })],
      [null, '5'],
    ]);
  });
});
