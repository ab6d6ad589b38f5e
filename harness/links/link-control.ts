/** Cuts, delays and restores the links of a running stack, whatever carries them. */
import type { AddressBook, LinkAddress } from '../kernel/address-book.ts';
import { nearest } from '../kernel/suggestion.ts';
import { directHop } from './direct-hop.ts';
import type { Delay, Disturbance, Hop, Impairment } from './hop.ts';
import { toxiproxyServer } from './toxiproxy.ts';
import { socketOf } from './wire.ts';
import { wireHop } from './wire-hop.ts';

/** A disturbance that this process made; disposing it restores the link as far as it goes. */
export interface ActiveDisturbance extends AsyncDisposable {
  readonly link: string;
  readonly disturbance: Disturbance;
  restore(): Promise<void>;
}

export interface DisturbedLink {
  readonly link: string;
  readonly disturbances: readonly Disturbance[];
}

/** Link names are `<service>→<dependency>`; an unknown one is an {@link UnknownLinkError}. */
export interface LinkControl {
  readonly names: readonly string[];
  find(link: string): LinkAddress;
  /** Refuses new connections of the service to the dependency and closes the open ones. */
  cut(link: string): Promise<ActiveDisturbance>;
  delay(link: string, delay: Delay): Promise<ActiveDisturbance>;
  impair(link: string, impairment: Impairment): Promise<ActiveDisturbance>;
  /** Undoes all disturbances of the link, also those of other processes. */
  restore(link: string): Promise<void>;
  restoreAll(): Promise<void>;
  /** The links that are disturbed now, as their proxies report it. */
  disturbed(): Promise<readonly DisturbedLink[]>;
}

export class UnknownLinkError extends Error {
  override readonly name = 'UnknownLinkError';

  constructor(link: string, known: readonly string[]) {
    const suggestion = nearest(link, known);
    const hint = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`;
    const list = known.length === 0 ? 'this stack has none' : known.join(', ');
    super(`unknown link "${link}"${hint}; known links: ${list}`);
  }
}

/** @param book of a running stack, which may lack what does not run */
export function linkControl(book: Pick<AddressBook, 'links'> & Partial<AddressBook>): LinkControl {
  const server = book.toxiproxy && toxiproxyServer(book.toxiproxy.url);
  return controlOf(book.links, (link) => {
    if (link.hops.length === 0) return [directHop(link.name)];
    return link.hops.map((address) => {
      if (address.kind === 'wire') return wireHop(socketOf(book), link);
      if (!server) throw new Error(`link ${link.name} has a proxy and the stack runs no proxies`);
      return server.hop(link, address);
    });
  });
}

/** @param chainOf the hops of a link, at least one, the one nearest to the service first */
export function controlOf(
  links: readonly LinkAddress[],
  chainOf: (link: LinkAddress) => readonly Hop[],
): LinkControl {
  const names = links.map(({ name }) => name);
  const find = (name: string): LinkAddress => {
    const link = links.find((known) => known.name === name);
    if (!link) throw new UnknownLinkError(name, names);
    return link;
  };
  const firstHop = (name: string): Hop => {
    const [hop] = chainOf(find(name));
    if (!hop) throw new Error(`link ${name} has no hop`);
    return hop;
  };
  /** The wire proxy acts on operations; bytes are disturbed by the proxy behind it. */
  const bytesHop = (name: string): Hop =>
    chainOf(find(name)).find(({ kind }) => kind !== 'wire') ?? firstHop(name);
  const restore = async (name: string): Promise<void> => {
    await Promise.all(chainOf(find(name)).map((hop) => hop.restore()));
  };
  return {
    names,
    find,
    async cut(link) {
      return active(link, { kind: 'cut' }, await firstHop(link).cut());
    },
    async delay(link, delay) {
      const whole = { jitterMs: 0, toward: 'client' as const, ...delay };
      return active(link, { kind: 'delay', ...whole }, await bytesHop(link).delay(whole));
    },
    async impair(link, impairment) {
      const undo = await bytesHop(link).impair(impairment);
      return active(link, { kind: 'other', what: impairment.kind }, undo);
    },
    restore,
    async restoreAll() {
      await Promise.all(names.map(restore));
    },
    async disturbed() {
      const all = await Promise.all(
        links.map(async (link) => {
          const hops = await Promise.all(chainOf(link).map((hop) => hop.disturbances()));
          return { link: link.name, disturbances: hops.flat() };
        }),
      );
      return all.filter(({ disturbances }) => disturbances.length > 0);
    },
  };
}

const active = (
  link: string,
  disturbance: Disturbance,
  restore: () => Promise<void>,
): ActiveDisturbance => ({ link, disturbance, restore, [Symbol.asyncDispose]: restore });
