import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRunId } from '../../harness/kernel/run-folder.ts';
import { socketOf, wireControl } from '../../harness/links/wire.ts';
import { openWireChannel } from '../../harness/links/wire-channel.ts';
import type { WireRule } from '../../harness/links/wire-rules.ts';
import { World } from '../../harness/scenario/world.ts';
import { useOwnRuns } from '../../harness/testbed/stack.testkit.ts';
import { bootStack, type Stack } from '../../harness/testbed/stack.ts';

const TEST_TIMEOUT_MS = 180_000;
const SAGA_TIMEOUT_MS = 90_000;
const SILENT = { record: () => undefined, close: () => undefined };

describe('a stack with the wire proxy', () => {
  const tests = useOwnRuns();
  let stack: Stack;
  let world: World;
  beforeAll(async () => {
    stack = await bootStack({ installation: tests.installation(), fresh: true, wire: true });
    world = new World({
      ...{ scenario: 'wire', run: newRunId(), book: stack.addressBook, shard: SILENT },
    });
  }, TEST_TIMEOUT_MS);
  afterAll(async () => {
    await world?.close();
    await stack?.down();
  });

  it(
    'kills a service between its commit and the answer, and the saga ends as it should',
    async () => {
      await using wire = wireControl(stack.addressBook);
      const user = await world.user();
      const [sku, cardToken] = await Promise.all([world.sku(5), world.card()]);
      const socket = await user.socket();
      await socket.subscribe({ level: 'outcome' });
      await using armed = await wire.arm({
        link: 'inventory→postgres',
        operation: 'pg.commit',
        contains: [sku],
        point: 'answer',
        action: { kind: 'hold' },
      });
      const { jobId } = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
      const hit = await armed.hit({ signal: AbortSignal.timeout(SAGA_TIMEOUT_MS) });
      await stack.control.killInstance('inventory-1');
      await armed.release(hit, 'cut');
      await stack.control.restartInstance('inventory-1');
      expect(await socket.terminal(jobId, SAGA_TIMEOUT_MS)).toMatchObject({ kind: 'SUCCEEDED' });
      expect(armed.hits).toEqual([hit]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'fails a commit as the server would: it has rolled back, and the service tries again',
    async () => {
      await using wire = wireControl(stack.addressBook);
      const user = await world.user();
      const [sku, cardToken] = await Promise.all([world.sku(5), world.card()]);
      const socket = await user.socket();
      await socket.subscribe({ level: 'outcome' });
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
      const { jobId } = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
      const signal = AbortSignal.timeout(SAGA_TIMEOUT_MS);
      await Promise.all([armed.hit({ signal }), again.hit({ signal })]);
      expect(await socket.terminal(jobId, SAGA_TIMEOUT_MS)).toMatchObject({ kind: 'SUCCEEDED' });
    },
    TEST_TIMEOUT_MS,
  );

  it('decodes every connection of its links', async () => {
    await using channel = await openWireChannel(socketOf(stack.addressBook));
    expect(await channel.ask('opaque', {})).toEqual({ connections: [] });
  });

  it('lists and lifts what another process has armed or cut', async () => {
    const { links } = stack;
    const link = 'order→kafka';
    await using wire = wireControl(stack.addressBook);
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
    await using other = wireControl(stack.addressBook);
    await other.arm(rule);
    await other[Symbol.asyncDispose]();
    await expect.poll(() => wire.rules()).toEqual([]);
  });

  it('refuses a rule that can never hit, and says why', async () => {
    await using wire = wireControl(stack.addressBook);
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
