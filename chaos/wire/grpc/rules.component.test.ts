import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { WireHit, WireRule } from '../../../harness/links/wire-rules.ts';
import { freePort } from '../lines.testkit.ts';
import { WireProxy } from '../proxy.ts';
import { Recorder } from '../recorder.ts';
import { RuleBook } from '../rules.ts';
import { EchoClient, type EchoServer, startEcho } from './grpc.testkit.ts';
import { grpc } from './grpc.ts';

const LINK = 'service→dependency';
const CALL = { link: LINK, operation: 'grpc.call' };

describe('a rule on a gRPC call', () => {
  const rules = new RuleBook();
  const proxy = new WireProxy(rules, new Recorder(() => 'grpc'));
  let server: EchoServer;
  let client: EchoClient;
  beforeAll(async () => {
    server = await startEcho();
    const port = await freePort();
    const [listen, upstream] = [`127.0.0.1:${port}`, `127.0.0.1:${server.port}`];
    await proxy.listen({ name: LINK, listen, upstream, protocol: grpc });
    client = new EchoClient(port);
  });
  afterAll(async () => {
    client[Symbol.dispose]();
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Plays with one rule armed, and then shows that the connection works as before. */
  async function under(
    rule: Omit<WireRule, 'link' | 'operation'>,
    play: (hit: Promise<WireHit>) => Promise<void>,
  ): Promise<void> {
    server.said.length = 0;
    const failures: string[] = [];
    const { promise: hit, resolve } = Promise.withResolvers<WireHit>();
    const owner = {
      onHit: resolve,
      onFailure: (_: string, reason: string) => failures.push(reason),
    };
    const { id } = rules.arm({ ...CALL, ...rule }, owner as never);
    await play(hit);
    rules.lift(id);
    for (let index = 0; index < 3; index++) {
      expect(await client.say('again', { 'x-turn': String(index) })).toBe('again');
    }
    expect(failures).toEqual([]);
  }

  const code = (of: number) => expect.objectContaining({ code: of });

  it('answers with an error that the server has not seen', () =>
    under({ point: 'request', action: { kind: 'error', code: 'UNAVAILABLE' } }, async () => {
      await expect(client.say('one')).rejects.toEqual(code(status.UNAVAILABLE));
      expect(server.said).toEqual([]);
    }));

  it('answers with an error although the server has done it', () =>
    under({ point: 'answer', action: { kind: 'error', code: 'ABORTED' } }, async () => {
      await expect(client.say('one', { 'x-id': 'o-1' })).rejects.toEqual(code(status.ABORTED));
      expect(server.said).toEqual(['one']);
    }));

  it('loses a request, or an answer', async () => {
    for (const point of ['request', 'answer'] as const) {
      await under({ point, action: { kind: 'drop' } }, async () => {
        await expect(client.say('one', {}, 200)).rejects.toEqual(code(status.DEADLINE_EXCEEDED));
        expect(server.said).toEqual(point === 'answer' ? ['one'] : []);
      });
    }
  });

  it('has a call done twice', () =>
    under({ point: 'request', action: { kind: 'duplicate' } }, async () => {
      expect(await client.say('one')).toBe('one');
      await vi.waitFor(() => expect(server.said).toEqual(['one', 'one']));
    }));

  it('holds a request or an answer while other calls pass', async () => {
    for (const point of ['request', 'answer'] as const) {
      const rule = { point, contains: ['held'], action: { kind: 'hold' } } as const;
      await under(rule, async (hit) => {
        const held = client.say('held');
        const { id } = await hit;
        expect(await client.say('other', { 'x-new': 'a header' })).toBe('other');
        expect(server.said).toEqual(point === 'request' ? ['other'] : ['held', 'other']);
        rules.release(id, 'forward');
        expect(await held).toBe('held');
      });
    }
  });

  it('selects by the status of the answer', () => {
    const where = { status: 'NOT_FOUND' };
    return under({ point: 'answer', where, action: { kind: 'drop' } }, async (hit) => {
      expect(await client.say('one')).toBe('one');
      const failed = client.say('two', { fail: String(status.NOT_FOUND) }, 300);
      await expect(failed).rejects.toEqual(code(status.DEADLINE_EXCEEDED));
      expect(await hit).toMatchObject({ attributes: { method: 'Say', status: 'NOT_FOUND' } });
    });
  });

  it('ends the connection, and the client opens another', () =>
    under({ point: 'answer', action: { kind: 'cut' } }, async () => {
      await expect(client.say('one')).rejects.toEqual(code(status.UNAVAILABLE));
      await vi.waitFor(async () => expect(await client.say('two')).toBe('two'));
    }));
});
