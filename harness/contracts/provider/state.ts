import type { Stack } from '../../testbed/stack.ts';
import type { Names } from '../fiction.ts';
import type { Publication } from './publisher.ts';
import type { RpcClients } from './rpc-clients.ts';

/** What a provider state has at hand to bring itself about, all of it public. */
export interface StateContext {
  readonly names: Names;
  readonly stack: Stack;
  /** Clients of the services that run. */
  readonly rpc: RpcClients;
  /** Publishes a record as the service would that is not there. */
  publish(record: Publication): Promise<void>;
  /** Looks until there is something to see; throws with the label when there never is. */
  until<T>(label: string, look: () => Promise<T | undefined | false>): Promise<T>;
  /** Has the issuer mint a token. */
  mint(claims: Readonly<Record<string, unknown>>): Promise<string>;
  /** What the parts of one interaction leave for each other, such as an open socket. */
  readonly shared: Map<string, unknown>;
  /** Waits for a record about this interaction with this type in its header `eventType`. */
  crossed(eventType: string): Promise<SeenRecord>;
  /** Takes a link away until the interaction is over: `job-management→redis`. */
  cut(link: string): Promise<void>;
  /** Makes a link slow until the interaction is over. */
  slow(link: string, latencyMs: number): Promise<void>;
  /** Runs when the interaction is over, the last first. */
  defer(undo: () => Promise<void>): void;
}

/** Sets up one provider state. */
export interface StateHandler {
  (context: StateContext, params: Readonly<Record<string, unknown>>): Promise<void>;
  /** The state disturbs the provider, so no other interaction is verified meanwhile. */
  readonly exclusive?: true;
}

export type States = Readonly<Record<string, StateHandler>>;

/** Marks a state that takes something away from the provider, such as a link. */
export const exclusive = (handler: StateHandler): StateHandler =>
  Object.assign((...given: Parameters<StateHandler>) => handler(...given), {
    exclusive: true as const,
  });

/** A record that crossed the broker while an interaction was under way. */
export interface SeenRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly schemaId?: number;
  readonly value?: Readonly<Record<string, unknown>>;
  readonly undecodable?: string;
  /** Its value as it crossed, in base64; absent when it has none. */
  readonly bytes?: string;
}
