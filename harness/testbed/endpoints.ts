/** Where each piece of infrastructure listens: at an address of the user's, or a port of ours. */
import type { Infrastructure } from '../kernel/address-book.ts';
import type { SagaproofConfig } from './config.ts';
import type { PortBlock } from './ports.ts';

const LOOPBACK = '127.0.0.1';

export interface Endpoint {
  readonly provider: 'address' | 'native';
  readonly host: string;
  readonly port: number;
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

/** Host and port of what the user gave, whatever form the piece's address has. */
export function userEndpoint(
  name: Infrastructure,
  addresses: SagaproofConfig['addresses'],
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
  pieces: Iterable<Infrastructure>,
  config: SagaproofConfig,
): Promise<Endpoints> {
  const endpoints = new Map<Infrastructure, Endpoint>();
  for (const name of pieces) {
    const given = userEndpoint(name, config.addresses);
    endpoints.set(name, given ?? { provider: 'native', host: LOOPBACK, port: await ports.next() });
  }
  return endpoints;
}

export const hostPort = (endpoint: { readonly host: string; readonly port: number }): string =>
  `${endpoint.host}:${endpoint.port}`;
