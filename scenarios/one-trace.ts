import { until } from '../harness/kernel/poll.ts';
import { defineScenario } from '../harness/scenario/define-scenario.ts';
import { expect } from '../harness/scenario/expect.ts';

/** Every service that takes part in an approved order. */
const PASSES = [
  'api-gateway',
  'auth',
  'inventory',
  'job-management',
  'notification',
  'order',
  'payment',
  'query',
  'shipping',
  'websocket',
];

/**
 * Claims: one trace leads from the POST to the frame, through every service.
 * Checks: the frame carries the trace id that the client sent, and each service exported spans of
 * it; a response names the trace of its request; a request without a trace gets one.
 * Could be fooled: by trace ids without spans; hence the exported spans are checked.
 */
export default defineScenario({
  name: 'one-trace',
  claims: 'one trace leads from the POST to the WebSocket frame',
  needs: ['tracing'],
  async play({ world }) {
    const user = await world.user();
    const [sku, cardToken] = await Promise.all([world.sku(1), world.card()]);
    const socket = await user.socket();
    const order = await user.placeOrder({ lines: [{ sku, quantity: 1 }], cardToken });
    await socket.subscribe({ jobId: order.jobId, level: 'outcome' });
    const outcome = await socket.terminal(order.jobId);
    expect(outcome.traceparent?.split('-')[1]).toBe(order.traceId);
    const traced = await user.getJob(order.jobId);
    expect(traced.headers.get('x-trace-id')).toBe(traced.traceId);
    const untraced = await fetch(
      `http://${world.address('api-gateway', 'http')}/v1/jobs/${order.jobId}`,
      { headers: { authorization: `Bearer ${user.token}` } },
    );
    expect(untraced.headers.get('x-trace-id')).toMatch(/^[0-9a-f]{32}$/);
    await until(
      `spans of ${PASSES.join(', ')} in trace ${order.traceId}`,
      async () => {
        const services = await world.servicesInTrace(order.traceId);
        return PASSES.every((service) => services.has(service));
      },
      20_000,
    );
  },
});
