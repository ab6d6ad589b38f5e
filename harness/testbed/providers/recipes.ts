/** What a kind of provider has to be able to run, and what it is given for it. */
import type { StackContext } from '../stack-context.ts';
import type { HostPort, Provider } from './provider.ts';

/** One of Kafka's listeners; every service has its own, so that it can lose Kafka alone. */
export interface Listener {
  readonly name: string;
  readonly port: number;
  /** `host:port` that clients of this listener learn: the service's own proxy. */
  readonly advertised: string;
}

/** By component: the ports that are chosen for it, and what it has to know of others. */
export interface ComponentNeeds {
  readonly kafka: { readonly controller: number; readonly listeners: readonly Listener[] };
  readonly connect: {
    readonly port: number;
    /** Of Kafka. */
    readonly bootstrap: string;
    /** Services with an outbox. */
    readonly outboxes: readonly string[];
    readonly postgres: HostPort;
    /** Of the role `debezium`. */
    readonly password: string;
  };
  readonly registry: { readonly api: number; readonly management: number };
  readonly postgres: { readonly port: number };
  readonly redis: { readonly port: number };
  readonly mongodb: { readonly port: number };
  readonly eventstore: { readonly port: number };
  readonly toxiproxy: { readonly port: number };
}

export type Recipes = {
  readonly [Name in keyof ComponentNeeds]: (
    context: StackContext,
    needs: ComponentNeeds[Name],
  ) => Provider;
};
