import type { LinkAddress } from '../../kernel/address-book.ts';
import { toxiproxyServer } from '../../links/toxiproxy.ts';
import { type Provider, piece, type Restartable, type StackContext } from '../piece.ts';

/** Toxiproxy with one proxy for every link; the upstreams may start later. */
export function toxiproxyResource(
  context: StackContext,
  options: {
    readonly provider: Provider;
    readonly url: string;
    readonly links: readonly LinkAddress[];
  },
): Restartable {
  const { provider, url, links } = options;
  const server = toxiproxyServer(url);
  return piece(context, {
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

export function nativeToxiproxy(context: StackContext, port: number): Provider {
  const { binary, version } = context.installation.toxiproxy;
  return {
    kind: 'native',
    port,
    version,
    command: async () => ({ command: [binary, '-host', '127.0.0.1', '-port', String(port)] }),
  };
}
