import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { linkControl } from './link-control.ts';
import { connectThrough, roundTripMs, useProxiedServer } from './proxied-server.testkit.ts';
import { toxiproxyServer } from './toxiproxy.ts';

const A = 'inventory→kafka';
const B = 'order→kafka';
const LATENCY_MS = 150;
/** Timers fire up to a millisecond early. */
const TIMER_SLACK_MS = 2;

describe('a link through Toxiproxy', () => {
  const proxied = useProxiedServer([A, B]);
  afterEach(() => proxied.links().restoreAll());

  it('refuses connections and loses the open ones while it is cut, and works afterwards', async () => {
    const links = proxied.links();
    const open = await connectThrough(links, A);
    await roundTripMs(open);
    const closed = once(open, 'close');
    const cut = await links.cut(A);
    await closed;
    await expect(connectThrough(links, A)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const other = await connectThrough(links, B);
    await roundTripMs(other);
    other.destroy();
    await cut.restore();
    const again = await connectThrough(links, A);
    await roundTripMs(again);
    again.destroy();
  });

  it('delays answers until it is restored', async () => {
    const links = proxied.links();
    const socket = await connectThrough(links, A);
    await links.delay(A, { latencyMs: LATENCY_MS });
    expect(await roundTripMs(socket)).toBeGreaterThanOrEqual(LATENCY_MS - TIMER_SLACK_MS);
    await links.restore(A);
    expect(await roundTripMs(socket)).toBeLessThan(LATENCY_MS);
    socket.destroy();
  });

  it('adds up delays in both directions, and each is undone by itself', async () => {
    const links = proxied.links();
    const socket = await connectThrough(links, A);
    await using _ = await links.delay(A, { latencyMs: LATENCY_MS });
    const requests = await links.delay(A, { latencyMs: LATENCY_MS, toward: 'server' });
    const both = 2 * (LATENCY_MS - TIMER_SLACK_MS);
    expect(await roundTripMs(socket)).toBeGreaterThanOrEqual(both);
    await requests.restore();
    expect((await links.disturbed())[0]?.disturbances).toHaveLength(1);
    await requests.restore();
    socket.destroy();
  });

  it('is listed as disturbed, and can be restored, by another process', async () => {
    await proxied.links().cut(A);
    await proxied.links().delay(B, { latencyMs: 70, jitterMs: 5, toward: 'server' });
    const other = linkControl(proxied.book());
    expect(await other.disturbed()).toEqual([
      { link: A, disturbances: [{ kind: 'cut' }] },
      {
        link: B,
        disturbances: [{ kind: 'delay', latencyMs: 70, jitterMs: 5, toward: 'server' }],
      },
    ]);
    await other.restoreAll();
    expect(await other.disturbed()).toEqual([]);
  });

  it('is missing when the server has no proxy for it', async () => {
    const { links, toxiproxy } = proxied.book();
    const [first] = links;
    const server = toxiproxyServer(toxiproxy.url);
    expect(await server.missingProxies(links)).toEqual([]);
    const unknown = { ...(first ?? { listen: '', upstream: '', hops: [] }), name: 'a→b' };
    expect(await server.missingProxies([unknown])).toEqual(['a→b']);
  });
});
