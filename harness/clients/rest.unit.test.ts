import { describe, expect, it, vi } from 'vitest';
import { type RestResponse, sendWithRetry } from './rest.ts';

const answer = (status: number, headers: Record<string, string> = {}): RestResponse => ({
  status,
  headers: new Headers(headers),
  body: {},
  traceId: 'a'.repeat(32),
});

const answering = (...answers: readonly RestResponse[]) => {
  const left = [...answers];
  return vi.fn(async () => left.shift() ?? answer(202));
};

describe('a patient client', () => {
  it.each([
    ['a request that came too late', answer(408)],
    ['a system that is not available yet', answer(503, { 'retry-after': '0' })],
  ])('sends %s once more', async (_what, first) => {
    const send = answering(first);
    expect((await sendWithRetry(send)).status).toBe(202);
    expect(send).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['a refusal', answer(409)],
    ['an error', answer(500)],
    ['an unavailable system that says nothing of later', answer(503)],
  ])('takes %s for an answer', async (_what, only) => {
    const send = answering(only);
    expect(await sendWithRetry(send)).toBe(only);
    expect(send).toHaveBeenCalledTimes(1);
  });
});
