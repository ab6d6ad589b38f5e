import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Unrecorded } from '../history/event.ts';
import type { AdminPort } from './admin-ports.ts';
import { startHealth } from './health.ts';
import { startMetrics } from './metrics.ts';
import { readMetrics } from './metrics-page.ts';

const INTERVAL_MS = 20;
const SETTLE_MS = 1_000;
const events: Unrecorded[] = [];
const record = (event: Unrecorded) => void events.push(event);
let server: FastifyInstance;
let port: AdminPort;
let ready = true;

beforeEach(async () => {
  events.length = 0;
  ready = true;
  server = fastify({ forceCloseConnections: true });
  server.get('/livez', async () => 'ok');
  server.get('/readyz', async (_request, reply) => reply.code(ready ? 200 : 503).send('because'));
  server.get('/metrics', async () => PAGE);
  await server.listen({ host: '127.0.0.1', port: 0 });
  port = portOf(server);
});
afterEach(() => server.close());

const portOf = (listening: FastifyInstance): AdminPort => ({
  instance: 'order-1',
  host: '127.0.0.1',
  port: (listening.server.address() as AddressInfo).port,
});

const outcomes = (probe: string) =>
  events.flatMap((event) =>
    event.type === 'health' && event.probe === probe ? [event.outcome] : [],
  );

describe('the witness of health', () => {
  it('records changes, and what each probe says in the end', async () => {
    const recorder = startHealth([port], record, INTERVAL_MS);
    await expect.poll(() => outcomes('readyz')).toEqual(['ok']);
    ready = false;
    await expect.poll(() => outcomes('readyz')).toEqual(['ok', 'failing']);
    await recorder.settle(SETTLE_MS);
    await recorder.close();
    expect(outcomes('readyz')).toEqual(['ok', 'failing', 'failing']);
    expect(outcomes('livez')).toEqual(['ok', 'ok']);
    expect(events.at(-1)).toMatchObject({ probe: 'readyz', detail: 'because', isLast: true });
    expect(recorder.events).toBe(events.length);
  });

  it('records an instance that does not answer any more', async () => {
    const recorder = startHealth([port], record, INTERVAL_MS);
    await expect.poll(() => outcomes('livez')).toEqual(['ok']);
    await server.close();
    await expect.poll(() => outcomes('livez')).toEqual(['ok', 'no-answer']);
    await recorder.close();
  });

  it('does not judge a probe that an instance does not serve', async () => {
    const bare = fastify();
    await bare.listen({ host: '127.0.0.1', port: 0 });
    const recorder = startHealth([portOf(bare)], record, INTERVAL_MS);
    await recorder.settle(SETTLE_MS);
    await recorder.close();
    await bare.close();
    expect(events).toEqual([]);
  });

  it('is incomplete when no instance has an admin port', async () => {
    const recorder = startHealth([], record, INTERVAL_MS);
    await expect(recorder.settle(SETTLE_MS)).rejects.toThrow('no instance has a port admin');
    await recorder.close();
  });
});

const PAGE = `# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{route="/v1/{id}",service="order",instance="order-1"} 3
# TYPE open_sockets gauge
open_sockets{service="order",instance="order-1"} 2
# TYPE request_seconds histogram
request_seconds_bucket{le="1",service="order"} 1
request_seconds_bucket{le="+Inf",service="order"} 2
request_seconds_sum{service="order"} 1.5
request_seconds_count{service="order"} 2
# TYPE nodejs_version_info gauge
nodejs_version_info{version="v24"} 1
process_open_fds 17
`;

describe('the witness of metrics', () => {
  it('reads counters, gauges and histograms, without what the runtime adds', () => {
    expect(readMetrics(PAGE)).toEqual({
      counters: { 'requests_total{route="/v1/{id}"}': 3 },
      gauges: { open_sockets: 2, process_open_fds: 17 },
      histograms: {
        request_seconds: { upTo: ['1', '+Inf'], buckets: [1, 2], count: 2, sum: 1.5 },
      },
    });
  });

  it('reads the counters of OpenMetrics', () => {
    const page = '# TYPE requests counter\nrequests_total 3 1700000000\n# EOF';
    expect(readMetrics(page).counters).toEqual({ requests_total: 3 });
  });

  it('keeps a bounded number of series, and says how many it left out', () => {
    const lines = Array.from({ length: 700 }, (_, at) => `orders{id="${at}"} 1`);
    const { gauges, left } = readMetrics(lines.join('\n'));
    expect(Object.keys(gauges)).toHaveLength(600);
    expect(left).toBe(100);
  });

  it('reads each instance at the start and at the end', async () => {
    const recorder = await startMetrics([port], record);
    await recorder.settle(SETTLE_MS);
    await recorder.close();
    expect(events.map(({ type }) => type)).toEqual(['metrics', 'metrics']);
    expect(recorder.events).toBe(2);
  });

  it('is incomplete when no instance has a page', async () => {
    const recorder = await startMetrics([], record);
    await expect(recorder.settle(SETTLE_MS)).rejects.toThrow('no instance has a page of metrics');
    await recorder.close();
  });
});
