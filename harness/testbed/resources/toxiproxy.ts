import { Toxiproxy } from 'toxiproxy-node-client';
import type { LinkAddress } from '../../kernel/address-book.ts';
import { type Provider, piece, type Restartable, type StackContext } from '../piece.ts';

/** Toxiproxy and, in it, one proxy for every link; the upstreams need not be there yet. */
export function toxiproxyResource(
  context: StackContext,
  options: {
    readonly provider: Provider;
    readonly url: string;
    readonly links: readonly LinkAddress[];
  },
): Restartable {
  const client = new Toxiproxy(options.url);
  return piece(context, {
    name: 'toxiproxy',
    provider: options.provider,
    async answers() {
      await client.getVersion();
    },
    async prepare() {
      if (options.links.length > 0) await client.populate(options.links.map(toProxy));
    },
    async verify() {
      const proxies = await client.getAll();
      const missing = options.links.filter((link) => proxies[link.proxy]?.listen !== link.listen);
      if (missing.length > 0) {
        throw new Error(`no proxy for ${missing.map((link) => link.name).join(', ')}`);
      }
    },
  });
}

const toProxy = (link: LinkAddress) => ({
  name: link.proxy,
  listen: link.listen,
  upstream: link.upstream,
  enabled: true,
});

export function nativeToxiproxy(context: StackContext, port: number): Provider {
  const { binary, version } = context.installation.toxiproxy;
  return {
    kind: 'native',
    port,
    version,
    command: async () => ({ command: [binary, '-host', '127.0.0.1', '-port', String(port)] }),
  };
}
