import { trace } from '@opentelemetry/api';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ORDER, startTestGateway } from './gateway.testkit.ts';
import { JOB_ID } from './providers.testkit.ts';

const ended = new EventTarget();
let provider: TracerProvider;
beforeAll(() => {
  provider = new TracerProvider({
    spanProcessors: [
      {
        onStart: () => undefined,
        onEnd: (span) => ended.dispatchEvent(new CustomEvent('span', { detail: span })),
        forceFlush: async () => undefined,
        shutdown: async () => undefined,
      },
    ],
  });
  trace.setGlobalTracerProvider(provider);
});
afterAll(async () => {
  trace.disable();
  await provider.shutdown();
});

/** The next server span of a request that is cut while its answer is being waited for. */
async function cut(
  gateway: Awaited<ReturnType<typeof startTestGateway>>,
  ask: (signal: AbortSignal) => Promise<Response>,
): Promise<ReadableSpan> {
  const asked = Promise.withResolvers<void>();
  const never = () => {
    asked.resolve();
    return new Promise<never>(() => undefined);
  };
  gateway.behaviour.jobs.getJob = never;
  gateway.behaviour.order.placeOrder = never;
  const served = new Promise<ReadableSpan>((resolve) => {
    ended.addEventListener('span', (event) => {
      const span = (event as CustomEvent<ReadableSpan>).detail;
      if (/^(GET|POST) /.test(span.name)) resolve(span);
    });
  });
  const client = new AbortController();
  const answer = ask(client.signal);
  await asked.promise;
  client.abort();
  await expect(answer).rejects.toThrow('aborted');
  return served;
}

test('the span of a query ends when its client goes away', async () => {
  await using gateway = await startTestGateway();
  const span = await cut(gateway, (signal) => gateway.request(`/v1/jobs/${JOB_ID}`, { signal }));
  expect(span.status.message).toBe('the client went away');
});

test('the span of a command ends when its client goes away, though all of it had come', async () => {
  await using gateway = await startTestGateway();
  const body = JSON.stringify(ORDER);
  const headers = { 'content-type': 'application/json' };
  const span = await cut(gateway, (signal) =>
    gateway.request('/v1/orders', { method: 'POST', body, headers, signal }),
  );
  expect(span.status.message).toBe('the client went away');
});
