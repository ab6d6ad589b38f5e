/** Links through Toxiproxy: one proxy for each. The only file that knows its client and its API. */
import { randomUUID } from 'node:crypto';
import { Toxiproxy } from 'toxiproxy-node-client';
import type { HopAddress, LinkAddress } from '../kernel/address-book.ts';
import type { Delay, Disturbance, Hop, Impairment } from './hop.ts';

export interface ToxiproxyServer {
  /** Throws unless the server answers. */
  ping(): Promise<void>;
  /** Makes the proxies of these links; their upstreams may start later. */
  createProxies(links: readonly LinkAddress[]): Promise<void>;
  /** Names of the links whose proxy the server does not have. */
  missingProxies(links: readonly LinkAddress[]): Promise<string[]>;
  hop(link: LinkAddress, address: HopAddress): Hop;
}

/** What the API answers for a proxy; the client leaves its toxics out. */
interface ProxyState {
  readonly enabled: boolean;
  readonly toxics: readonly Toxic[];
}
interface Toxic {
  readonly name: string;
  readonly type: string;
  readonly stream: 'upstream' | 'downstream';
  readonly attributes: { readonly latency?: number; readonly jitter?: number };
}

const STREAM = { client: 'downstream', server: 'upstream' } as const;

/** Not the link's name: the API puts it into URLs. */
const proxyName = (link: LinkAddress): string => link.name.replace('→', '--');

const hopsOf = (links: readonly LinkAddress[]) =>
  links.flatMap((link) =>
    link.hops.filter(({ kind }) => kind === 'toxiproxy').map((hop) => ({ link, hop })),
  );

/** @param url of the server's HTTP API */
export function toxiproxyServer(url: string): ToxiproxyServer {
  const client = new Toxiproxy(url);
  return {
    async ping() {
      await client.getVersion();
    },
    async createProxies(links) {
      const proxies = hopsOf(links).map(({ link, hop: { listen, upstream } }) => ({
        name: proxyName(link),
        listen,
        upstream,
        enabled: true,
      }));
      if (proxies.length > 0) await client.populate(proxies);
    },
    async missingProxies(links) {
      const proxies = await client.getAll();
      return hopsOf(links)
        .filter(({ link, hop }) => proxies[proxyName(link)]?.listen !== hop.listen)
        .map(({ link }) => link.name);
    },
    hop: (link, address) => toxiproxyHop(client, proxyName(link), address),
  };
}

function toxiproxyHop(client: Toxiproxy, name: string, address: HopAddress): Hop {
  const proxy = () => client.get(name);
  const state = async (): Promise<ProxyState> => {
    const { data } = await client.api.get<ProxyState>(`${client.host}/proxies/${name}`);
    return data;
  };
  const enable = async (enabled: boolean): Promise<void> => {
    const { listen, upstream } = address;
    await (await proxy()).update({ enabled, listen, upstream });
  };
  const remove = async (toxic: string): Promise<void> => {
    const { toxics } = await state();
    if (!toxics.some((known) => known.name === toxic)) return;
    await (await (await proxy()).getToxic(toxic)).remove();
  };
  const add = async (
    type: string,
    toward: keyof typeof STREAM,
    attributes: Readonly<Record<string, number>>,
  ): Promise<() => Promise<void>> => {
    const toxic = `${type}-${randomUUID()}`;
    // Toxicity is always 1: which connections are hit is ours to decide, not the proxy's dice.
    const body = { name: toxic, type, stream: STREAM[toward], toxicity: 1, attributes };
    await (await proxy()).addToxic(body as never);
    return () => remove(toxic);
  };
  return {
    kind: 'toxiproxy',
    async cut() {
      await enable(false);
      return () => enable(true);
    },
    delay: ({ latencyMs, jitterMs = 0, toward = 'client' }) =>
      add('latency', toward, { latency: latencyMs, jitter: jitterMs }),
    async impair(impairment) {
      const { type, toward, attributes } = toxicOf(impairment);
      return add(type, toward, attributes);
    },
    async restore() {
      const { enabled, toxics } = await state();
      for (const toxic of toxics) await remove(toxic.name);
      if (!enabled) await enable(true);
    },
    async disturbances() {
      const { enabled, toxics } = await state();
      const cut: Disturbance[] = enabled ? [] : [{ kind: 'cut' }];
      return [...cut, ...toxics.flatMap(toDisturbance)];
    },
  };
}

interface ToxicOrder {
  readonly type: string;
  readonly toward: keyof typeof STREAM;
  readonly attributes: Readonly<Record<string, number>>;
}

function toxicOf(impairment: Impairment): ToxicOrder {
  switch (impairment.kind) {
    case 'hang':
      // Without a time-out the connection is never closed.
      return { type: 'timeout', toward: impairment.toward, attributes: { timeout: 0 } };
    case 'reset':
      return { type: 'reset_peer', toward: 'client', attributes: { timeout: 0 } };
    default:
      return impairment satisfies never;
  }
}

function toDisturbance({ type, stream, attributes }: Toxic): Disturbance[] {
  if (type !== 'latency') return [{ kind: 'other', what: type }];
  const { latency: latencyMs = 0, jitter: jitterMs = 0 } = attributes;
  const toward: Required<Delay>['toward'] = stream === 'upstream' ? 'server' : 'client';
  return [{ kind: 'delay', latencyMs, jitterMs, toward }];
}
