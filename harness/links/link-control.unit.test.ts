import { describe, expect, it } from 'vitest';
import type { LinkAddress } from '../kernel/address-book.ts';
import type { Disturbance, Hop } from './hop.ts';
import { controlOf, linkControl, UnknownLinkError } from './link-control.ts';

const link = (name: string): LinkAddress => ({
  name,
  listen: 'service-side:1',
  upstream: 'dependency:2',
  hops: [{ kind: 'toxiproxy', listen: 'service-side:1', upstream: 'dependency:2' }],
});
const LINKS = ['inventory→kafka', 'inventory→postgres', 'order→kafka'].map(link);

/** A hop that remembers its disturbances. */
function fakeHop(): Hop {
  const now = new Set<Disturbance>();
  const add = async (disturbance: Disturbance) => {
    now.add(disturbance);
    return async () => void now.delete(disturbance);
  };
  return {
    kind: 'toxiproxy',
    cut: () => add({ kind: 'cut' }),
    impair: ({ kind }) => add({ kind: 'other', what: kind }),
    delay: ({ latencyMs, jitterMs = 0, toward = 'client' }) =>
      add({ kind: 'delay', latencyMs, jitterMs, toward }),
    restore: async () => now.clear(),
    disturbances: async () => [...now],
  };
}

function control() {
  const chains = new Map(LINKS.map(({ name }) => [name, [fakeHop(), fakeHop()]]));
  return { chains, links: controlOf(LINKS, ({ name }) => chains.get(name) ?? []) };
}

describe('link control', () => {
  it('disturbs the named link only, and lists it until it is restored', async () => {
    const { links } = control();
    const cut = await links.cut('order→kafka');
    await links.delay('inventory→kafka', { latencyMs: 200 });
    expect(await links.disturbed()).toEqual([
      {
        link: 'inventory→kafka',
        disturbances: [{ kind: 'delay', latencyMs: 200, jitterMs: 0, toward: 'client' }],
      },
      { link: 'order→kafka', disturbances: [{ kind: 'cut' }] },
    ]);
    await cut.restore();
    await links.restore('inventory→kafka');
    expect(await links.disturbed()).toEqual([]);
  });

  it('undoes a disturbance at the end of its scope and leaves the others of the link', async () => {
    const { links } = control();
    await links.cut('order→kafka');
    {
      await using _ = await links.delay('order→kafka', { latencyMs: 5, jitterMs: 1 });
    }
    expect(await links.disturbed()).toEqual([
      { link: 'order→kafka', disturbances: [{ kind: 'cut' }] },
    ]);
  });

  it('restores every hop of every link', async () => {
    const { links, chains } = control();
    await links.cut('order→kafka');
    await chains.get('inventory→kafka')?.[1]?.cut();
    await links.restoreAll();
    expect(await links.disturbed()).toEqual([]);
  });

  it.each([
    ['inventry→kafka', 'unknown link "inventry→kafka"; did you mean "inventory→kafka"?'],
    ['nothing', 'unknown link "nothing"; known links: inventory→kafka, inventory→postgres'],
  ])('refuses the unknown link %s and names the known ones', async (name, message) => {
    const { links } = control();
    await expect(links.cut(name)).rejects.toThrow(UnknownLinkError);
    await expect(links.delay(name, { latencyMs: 1 })).rejects.toThrow(message);
    await expect(links.restore(name)).rejects.toThrow('known links: inventory→kafka,');
    expect(() => links.find(name)).toThrow(message);
  });

  it('says that a stack without services has no links', () => {
    expect(() => linkControl({ links: [] }).find('a→b')).toThrow('this stack has none');
  });
});

describe('a direct link', () => {
  const links = linkControl({ links: [{ ...link('order→kafka'), hops: [] }] });

  it('cannot be cut or delayed, and says why', async () => {
    await expect(links.cut('order→kafka')).rejects.toThrow(/order→kafka is direct/);
    await expect(links.delay('order→kafka', { latencyMs: 1 })).rejects.toThrow(/is direct/);
  });

  it('is never disturbed', async () => {
    await links.restoreAll();
    expect(await links.disturbed()).toEqual([]);
  });
});
