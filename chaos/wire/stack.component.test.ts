import { describe, expect, it } from 'vitest';
import { socketOf, wireControl } from '../../harness/links/wire.ts';
import { openWireChannel } from '../../harness/links/wire-channel.ts';
import type { WireRule } from '../../harness/links/wire-rules.ts';
import { TEST_TIMEOUT_MS, useWiredStack } from './wired-stack.testkit.ts';

const SAGA_TIMEOUT_MS = 90_000;

describe('a stack with the wire proxy', () => {
  const wired = useWiredStack();

  it(
    'kills a service between its commit and the answer, and the saga ends as it should',
    async () => {
      await using wire = wireControl(wired.stack().addressBook);
      const { sku, socket, placeOrder } = await wired.customer();
      await using armed = await wire.arm({
        link: 'inventory→postgres',
        operation: 'pg.commit',
        contains: [sku],
        point: 'answer',
        action: { kind: 'hold' },
      });
      const { jobId } = await placeOrder();
      const hit = await armed.hit({ signal: AbortSignal.timeout(SAGA_TIMEOUT_MS) });
      await wired.stack().control.killInstance('inventory-1');
      await armed.release(hit, 'cut');
      await wired.stack().control.restartInstance('inventory-1');
      expect(await socket.terminal(jobId, SAGA_TIMEOUT_MS)).toMatchObject({ kind: 'SUCCEEDED' });
      expect(armed.hits).toEqual([hit]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'fails a commit as the server would: it has rolled back, and the service tries again',
    async () => {
      await using wire = wireControl(wired.stack().addressBook);
      const { sku, socket, placeOrder } = await wired.customer();
      const contains = [sku];
      await using armed = await wire.arm({
        link: 'inventory→postgres',
        operation: 'pg.commit',
        contains,
        point: 'request',
        action: { kind: 'error', code: '40001' },
      });
      await using again = await wire.arm({
        ...{ link: 'inventory→postgres', operation: 'pg.commit', contains },
        ...{ point: 'answer', after: armed.id, action: { kind: 'delay', ms: 0 } },
      });
      const { jobId } = await placeOrder();
      const signal = AbortSignal.timeout(SAGA_TIMEOUT_MS);
      await Promise.all([armed.hit({ signal }), again.hit({ signal })]);
      expect(await socket.terminal(jobId, SAGA_TIMEOUT_MS)).toMatchObject({ kind: 'SUCCEEDED' });
    },
    TEST_TIMEOUT_MS,
  );

  it('decodes every connection of its links', async () => {
    await using channel = await openWireChannel(socketOf(wired.stack().addressBook));
    expect(await channel.ask('opaque', {})).toEqual({ connections: [] });
  });

  it('lists and lifts what another process has armed or cut', async () => {
    const { links } = wired.stack();
    const link = 'order→kafka';
    await using wire = wireControl(wired.stack().addressBook);
    const rule: WireRule = {
      ...{ link, operation: 'kafka.fetch', where: { topic: 'no.topic' } },
      point: 'answer',
      action: { kind: 'hold' },
    };
    await wire.arm({ ...rule, times: Number.POSITIVE_INFINITY });
    expect(await links.disturbed()).toEqual([
      {
        link,
        disturbances: [{ kind: 'other', what: 'rule: hold at answer of kafka.fetch' }],
      },
    ]);
    expect(await wire.rules()).toMatchObject([{ rule: { times: Number.POSITIVE_INFINITY } }]);
    await links.restoreAll();
    expect(await links.disturbed()).toEqual([]);
    await using other = wireControl(wired.stack().addressBook);
    await other.arm(rule);
    await other[Symbol.asyncDispose]();
    await expect.poll(() => wire.rules()).toEqual([]);
  });

  it('refuses a rule that can never hit, and says why', async () => {
    await using wire = wireControl(wired.stack().addressBook);
    const rule = { point: 'request', action: { kind: 'hold' } } as const;
    const arm = (link: string, operation: string) => wire.arm({ ...rule, link, operation });
    await expect(arm('inventry→kafka', 'kafka.fetch')).rejects.toThrow(
      'unknown link "inventry→kafka"; did you mean "inventory→kafka"?',
    );
    await expect(arm('inventory→kafka', 'kafka.produse')).rejects.toThrow(
      'inventory→kafka has no operation kafka.produse; did you mean kafka.produce?',
    );
  });
});
