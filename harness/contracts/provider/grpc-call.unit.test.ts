import { createServer, constants as http2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { callGrpc, statusAtEnd } from './grpc-call.ts';

const QUESTION = {
  protocol: 'grpc',
  service: 'sagaproof.jobs.v1.JobService',
  method: 'GetJob',
  message: { jobId: '0199d1c2-0000-7000-8000-000000000001', userId: 'ann' },
} as const;

describe('how a real call ends', () => {
  it('tells a stream that its server reset before time as cancelled', async () => {
    const server = createServer();
    server.on('stream', (stream) => stream.close(http2.NGHTTP2_CANCEL));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const answer = await callGrpc(`127.0.0.1:${port}`, { ...QUESTION, deadlineMs: 60_000 });
      expect(answer).toEqual({ status: 'CANCELLED' });
    } finally {
      server.close();
    }
  });

  it.each([
    ['reset before its deadline', status.CANCELLED, 999, 'CANCELLED'],
    ['reset by its deadline', status.CANCELLED, 1_000, 'DEADLINE_EXCEEDED'],
    ['refused late', status.NOT_FOUND, 1_001, 'NOT_FOUND'],
  ] as const)('names a call that was %s', (_, code, now, expected) => {
    expect(statusAtEnd(code, 1_000, now)).toBe(expected);
  });
});
