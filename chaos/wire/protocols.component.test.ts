/** Rules on the protocols of a real stack: the saga ends as it should whatever they do. */
import { describe, expect, it } from 'vitest';
import { socketOf, wireControl } from '../../harness/links/wire.ts';
import { openWireChannel } from '../../harness/links/wire-channel.ts';
import type { WireRule } from '../../harness/links/wire-rules.ts';
import { TEST_TIMEOUT_MS, useWiredStack } from './wired-stack.testkit.ts';

const SAGA_TIMEOUT_MS = 60_000;

/** One of each protocol and action; the order's id or its product is in what they look for. */
const RULES: Record<string, WireRule> = {
  'an append whose answer is lost': {
    ...{ link: 'order→eventstore', operation: 'eventstore.append', point: 'answer' },
    ...{ where: { types: 'OrderPlaced ReserveStock' }, action: { kind: 'drop' } },
  },
  'an append that the event store is not available for': {
    ...{ link: 'order→eventstore', operation: 'eventstore.append', point: 'request' },
    where: { types: 'SagaStepCompleted AuthorizePayment' },
    action: { kind: 'error', code: 'UNAVAILABLE' },
  },
  'an append that was done and is answered with an error': {
    ...{ link: 'order→eventstore', operation: 'eventstore.append', point: 'answer' },
    where: { types: 'SagaStepCompleted AuthorizePayment' },
    action: { kind: 'error', code: 'UNAVAILABLE' },
  },
  'an append that comes twice': {
    ...{ link: 'order→eventstore', operation: 'eventstore.append', point: 'request' },
    ...{ where: { types: 'SagaStepCompleted OrderApproved' }, action: { kind: 'duplicate' } },
  },
  'an event that comes twice': {
    ...{ link: 'order→eventstore', operation: 'eventstore.event', point: 'request' },
    ...{ where: { type: 'AuthorizePayment' }, action: { kind: 'duplicate' } },
  },
  'a call that comes twice': {
    ...{ link: 'api-gateway→order', operation: 'grpc.call', point: 'request' },
    ...{ where: { method: 'PlaceOrder' }, action: { kind: 'duplicate' } },
  },
  'a call whose answer is late': {
    ...{ link: 'api-gateway→order', operation: 'grpc.call', point: 'answer' },
    ...{ where: { method: 'PlaceOrder' }, action: { kind: 'delay', ms: 300 } },
  },
  'a script that a read-only Redis refuses': {
    ...{ link: 'job-management→redis', operation: 'redis.evalsha', point: 'request' },
    ...{ contains: ['SUCCEEDED'], action: { kind: 'error', code: 'READONLY' } },
  },
  'a script whose answer is lost with the connection': {
    ...{ link: 'job-management→redis', operation: 'redis.evalsha', point: 'answer' },
    ...{ contains: ['SUCCEEDED'], action: { kind: 'cut' } },
  },
  'an append to the log of a job whose answer is lost': {
    ...{ link: 'websocket→redis', operation: 'redis.evalsha', point: 'answer' },
    ...{ contains: ['SUCCEEDED'], action: { kind: 'cut' } },
  },
  'an update that is answered by a node that is no primary': {
    ...{ link: 'query→mongodb', operation: 'mongodb.update', point: 'request' },
    action: { kind: 'error', code: 'NotWritablePrimary' },
  },
  'a mail that is to be sent later': {
    ...{ link: 'notification→smtp', operation: 'smtp.data', point: 'answer' },
    action: { kind: 'error', code: '451' },
  },
};

describe('a stack whose links are disturbed by operation', () => {
  const wired = useWiredStack();

  it.each(Object.entries(RULES))(
    'completes the saga after %s',
    async (_what, rule) => {
      await using wire = wireControl(wired.stack().addressBook);
      const { socket, placeOrder } = await wired.customer();
      await using armed = await wire.arm(rule);
      const { jobId } = await placeOrder();
      await armed.hit({ signal: AbortSignal.timeout(SAGA_TIMEOUT_MS) });
      expect(await socket.terminal(jobId, SAGA_TIMEOUT_MS)).toMatchObject({ kind: 'SUCCEEDED' });
    },
    TEST_TIMEOUT_MS,
  );

  it('is decoded on every connection', async () => {
    await using channel = await openWireChannel(socketOf(wired.stack().addressBook));
    expect(await channel.ask('opaque', {})).toEqual({ connections: [] });
  });
});
