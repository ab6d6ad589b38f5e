/** One proxy on the way of a link, from the service to its dependency. */
import type { HopAddress } from '../kernel/address-book.ts';

/** A delay of the bytes that go one way. */
export interface Delay {
  readonly latencyMs: number;
  /** Each delay differs from `latencyMs` by up to this much, at random. */
  readonly jitterMs?: number;
  /** Which bytes are late: those to the `client` (answers, the default) or to the `server`. */
  readonly toward?: 'client' | 'server';
}

/** How a link treats bytes worse than by delaying them; those to the `client` are answers. */
export type Impairment =
  /** Bytes of one direction stop, and the connections stay open. */
  | { readonly kind: 'hang'; readonly toward: 'client' | 'server' }
  /** Connections are reset as soon as something passes. */
  | { readonly kind: 'reset' };

/** What keeps a link from working as if it were a cable. */
export type Disturbance =
  | { readonly kind: 'cut' }
  | ({ readonly kind: 'delay' } & Required<Delay>)
  /** One that a hop cannot make itself, and can remove. */
  | { readonly kind: 'other'; readonly what: string };

/** Undoes one disturbance; undoing it twice is no error. */
export type Undo = () => Promise<void>;

export interface Hop {
  readonly kind: HopAddress['kind'] | 'direct';
  /** Refuses new connections and closes the open ones. */
  cut(): Promise<Undo>;
  delay(delay: Delay): Promise<Undo>;
  impair(impairment: Impairment): Promise<Undo>;
  /** Undoes every disturbance of this hop, whichever process made it. */
  restore(): Promise<void>;
  /** The disturbances that the hop reports itself, whichever process made them. */
  disturbances(): Promise<readonly Disturbance[]>;
}
