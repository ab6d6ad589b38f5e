import { afterEach, describe, expect, it } from 'vitest';
import type { FaultEvent } from '../../harness/links/fault.ts';
import type { LinkControl } from '../../harness/links/link-control.ts';
import { useProxiedServer } from '../../harness/links/proxied-server.testkit.ts';
import { cut } from './cut.ts';
import { hang } from './hang.ts';
import { latency } from './latency.ts';
import { reset } from './reset.ts';

/** The echo server of the tests answers whatever it is asked. */
const LINK = 'inventory→redis';
const OTHER = 'order→redis';
const DELAY = { latencyMs: 200 };
const SOON = { withinMs: 1_000 };

describe('a fault of a link', () => {
  const proxied = useProxiedServer([LINK, OTHER]);
  const events: FaultEvent[] = [];
  const record = (event: FaultEvent) => void events.push(event);
  const context = () => ({ links: proxied.links(), record });
  /** A control whose orders succeed and reach another proxy. */
  const misdirected = (): LinkControl => {
    const links = proxied.links();
    return {
      ...links,
      cut: async () => ({ ...(await links.cut(OTHER)), link: LINK }),
      impair: async (_, how) => ({ ...(await links.impair(OTHER, how)), link: LINK }),
      delay: async (_, delay) => ({ ...(await links.delay(OTHER, delay)), link: LINK }),
    };
  };
  afterEach(async () => {
    events.length = 0;
    await proxied.links().restoreAll();
  });

  it('cut: lands when a connection is refused, and is gone when lifted', async () => {
    const armed = await cut.arm(context(), LINK, {});
    expect((await armed.requireLanded(SOON)).what).toMatch(/accepted .* before .*ECONNREFUSED/);
    await armed.lift();
    expect(await proxied.links().disturbed()).toEqual([]);
    expect(events.map(({ what }) => what)).toEqual(['armed', 'landed', 'lifted']);
  });

  it('cut: has not landed when the proxy goes on, whatever its API answered', async () => {
    await using armed = await cut.arm({ links: misdirected(), record }, LINK, {});
    expect(await armed.landed(SOON)).toEqual({
      landed: false,
      reason: expect.stringContaining('accepted a connection'),
    });
  });

  it('cut: is refused for a link that takes no connection already', async () => {
    await using _ = await cut.arm(context(), LINK, {});
    await expect(cut.arm(context(), LINK, {})).rejects.toThrow(/no connection before it is cut/);
    await expect(cut.arm(context(), 'inventory→rediss', {})).rejects.toThrow(
      'did you mean "inventory→redis"?',
    );
  });

  it('latency: lands when answers are late, and is gone when lifted', async () => {
    const armed = await latency.arm(context(), LINK, DELAY);
    expect((await armed.requireLanded()).what).toMatch(/fastest of 3 answers .* took 2\d\d\.\d ms/);
    await armed.lift();
    expect(await proxied.links().disturbed()).toEqual([]);
    expect(events[0]).toMatchObject({ what: 'armed', parameters: DELAY });
  });

  it('latency: has not landed when the proxy goes on, whatever its API answered', async () => {
    await using armed = await latency.arm({ links: misdirected(), record }, LINK, DELAY);
    expect(await armed.landed(SOON)).toEqual({
      landed: false,
      reason: expect.stringMatching(/answers after \d+\.\d ms \(before: /),
    });
  });

  it('latency: is refused when the link is as slow without it', async () => {
    await using _ = await latency.arm(context(), LINK, DELAY);
    await expect(latency.arm(context(), LINK, { latencyMs: 50 })).rejects.toThrow(
      /takes 2\d\d\.\d ms already/,
    );
  });

  it.each([
    ['hang', hang, /has not answered in 300 ms, before in \d/],
    ['reset', reset, /answered a request before and ends the next with E(CONNRESET|PIPE)/],
  ])(
    '%s: lands when requests have no answer, and is gone when lifted',
    async (name, fault, seen) => {
      const armed = await fault.arm(context(), LINK, {});
      expect((await armed.requireLanded()).what).toMatch(seen);
      expect(await proxied.links().disturbed()).toMatchObject([{ link: LINK }]);
      await armed.lift();
      expect(await proxied.links().disturbed()).toEqual([]);
      await using again = await fault.arm({ links: misdirected(), record }, LINK, {});
      expect(await again.landed(SOON)).toEqual({
        landed: false,
        reason: expect.stringMatching(`${name} of ${LINK} to take effect.*answers`),
      });
    },
  );
});
