import type { LinkAddress } from '../../kernel/address-book.ts';
import { toxiproxyServer } from '../../links/toxiproxy.ts';
import { component, type ManagedResource } from '../component.ts';
import type { Provider } from '../providers/provider.ts';

/** Toxiproxy with one proxy for every link; the upstreams may start later. */
export function toxiproxyResource(options: {
  readonly provider: Provider;
  readonly url: string;
  readonly links: readonly LinkAddress[];
}): ManagedResource {
  const { provider, url, links } = options;
  const server = toxiproxyServer(url);
  return component({
    name: 'toxiproxy',
    provider,
    answers: () => server.ping(),
    prepare: () => server.createProxies(links),
    async verify() {
      const missing = await server.missingProxies(links);
      if (missing.length > 0) throw new Error(`no proxy for ${missing.join(', ')}`);
    },
  });
}
