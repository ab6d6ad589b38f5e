/** Where each component listens: at an address that the user gave, or on a port of ours. */
import type { Infrastructure } from '../kernel/address-book.ts';
import type { StackConfig } from './config.ts';
import { NATIVE_HOST } from './providers/native/host.ts';
import type { PortBlock } from './providers/native/ports.ts';
import type { HostPort, Provider } from './providers/provider.ts';

/** Where a component is reached, and the kind of provider that runs it. */
export interface Endpoint extends HostPort {
  readonly provider: Provider['kind'];
}
export type Endpoints = ReadonlyMap<Infrastructure, Endpoint>;

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'redis:': 6379,
  'rediss:': 6379,
  'postgres:': 5432,
  'postgresql:': 5432,
  'mongodb:': 27017,
  'esdb:': 2113,
  'kurrentdb:': 2113,
};

/** Host and port of the address that the user gave, in the form of each component. */
export function userEndpoint(
  name: Infrastructure,
  addresses: StackConfig['addresses'],
): Endpoint | undefined {
  const given = addresses[name];
  if (!given) return undefined;
  if ('host' in given) return { provider: 'address', host: given.host, port: given.port };
  if ('bootstrap' in given) return fromUrl(`tcp://${given.bootstrap}`);
  if ('connectionString' in given) return fromUrl(given.connectionString);
  if ('tracesUrl' in given) return fromUrl(given.tracesUrl);
  if ('issuer' in given) return fromUrl(given.issuer);
  return fromUrl(given.url);
}

function fromUrl(text: string): Endpoint {
  const url = new URL(text);
  const port = Number(url.port) || DEFAULT_PORTS[url.protocol];
  if (!port) throw new Error(`${url.protocol}//${url.host} has no port: write host:port`);
  return { provider: 'address', host: url.hostname, port };
}

export async function allocateEndpoints(
  ports: PortBlock,
  components: Iterable<Infrastructure>,
  config: StackConfig,
): Promise<Endpoints> {
  const endpoints = new Map<Infrastructure, Endpoint>();
  for (const name of components) {
    const given = userEndpoint(name, config.addresses);
    endpoints.set(
      name,
      given ?? { provider: 'native', host: NATIVE_HOST, port: await ports.next() },
    );
  }
  return endpoints;
}

export const hostPort = ({ host, port }: HostPort): string => `${host}:${port}`;
