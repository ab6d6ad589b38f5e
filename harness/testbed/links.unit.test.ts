import { describe, expect, it } from 'vitest';
import { INFRASTRUCTURE, SERVICES } from '../kernel/address-book.ts';
import { LINKS, select } from './links.ts';

describe('what has to run', () => {
  it('is everything when nothing is named', () => {
    const { infrastructure, services } = select(undefined);
    expect([...infrastructure]).toEqual([...INFRASTRUCTURE]);
    expect([...services]).toEqual([...SERVICES]);
  });

  it('is everything that a service links to, and what that needs', () => {
    const { infrastructure, services } = select(['inventory']);
    expect([...services]).toEqual(['inventory']);
    expect([...infrastructure].sort()).toEqual(
      ['connect', 'kafka', 'oidc', 'otlp', 'postgres', 'registry', 'toxiproxy'].sort(),
    );
  });

  it('leaves out for the gateway what no service that it reaches needs', () => {
    const { infrastructure, services } = select(['api-gateway']);
    expect(services.size).toBe(8);
    expect(infrastructure.has('smtp')).toBe(false);
  });

  it('is refused when a name is unknown, with the one that was meant', () => {
    expect(() => select(['inventry'])).toThrow(
      'there is no inventry in a stack; did you mean inventory?',
    );
  });

  it('has a link for every dependency, each known', () => {
    const known = new Set<string>([...INFRASTRUCTURE, ...SERVICES]);
    for (const dependency of Object.values(LINKS).flat()) expect(known).toContain(dependency);
  });
});
