import { trace } from '@opentelemetry/api';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestGateway } from './gateway.testkit.ts';
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

test('the span of a request ends when its client goes away', async () => {
  await using gateway = await startTestGateway();
  const asked = Promise.withResolvers<void>();
  gateway.behaviour.jobs.getJob = () => {
    asked.resolve();
    return new Promise(() => undefined);
  };
  const served = new Promise<ReadableSpan>((resolve) => {
    ended.addEventListener('span', (event) => {
      const span = (event as CustomEvent<ReadableSpan>).detail;
      if (span.name.startsWith('GET ')) resolve(span);
    });
  });
  const client = new AbortController();
  const answer = gateway.request(`/v1/jobs/${JOB_ID}`, { signal: client.signal });
  await asked.promise;
  client.abort();
  await expect(answer).rejects.toThrow('aborted');
  expect((await served).status.message).toBe('the client went away');
});
