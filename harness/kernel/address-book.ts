/**
 * The addresses of everything in one running stack. The supervisor writes it; the CLI, the
 * scenarios, the witnesses and the benchmarks read it. There is no other source of addresses.
 */
import { TOPOLOGY } from '#contracts/spec/topology.generated.ts';

/** The servers, by the name that links, logs and `doctor` use. */
export type Infrastructure = keyof typeof TOPOLOGY.infrastructure;
export const INFRASTRUCTURE = Object.keys(TOPOLOGY.infrastructure) as readonly Infrastructure[];

export type ServiceName = keyof typeof TOPOLOGY.services;
export const SERVICES = Object.keys(TOPOLOGY.services) as readonly ServiceName[];

/** One running process of a service. */
export interface InstanceAddress {
  /** `<service>-<n>`, n from 1. */
  readonly id: string;
  readonly pid?: number;
  readonly host: string;
  /** By the port names of the manifest: http, grpc, ws, admin. */
  readonly ports: Readonly<Record<string, number>>;
}

export interface ServiceAddress {
  readonly service: ServiceName;
  readonly version: string;
  /** What it is written in, where its manifest says or shows it. */
  readonly language?: string;
  /** The manifest that says how it runs: absolute path. */
  readonly manifest: string;
  /** True when it is not the reference service but what `--subject` named. */
  readonly subject: boolean;
  /** Features that the manifest declares not to have. */
  readonly absentFeatures: readonly string[];
  readonly instances: readonly InstanceAddress[];
}

/** A proxy on the way of a link: it listens for the hop before it and connects to the next. */
export interface HopAddress {
  readonly kind: 'toxiproxy' | 'wire';
  readonly listen: string;
  readonly upstream: string;
}

/** The connection of a service to one of its dependencies, and the proxies that carry it. */
export interface LinkAddress {
  /** `<service>→<dependency>`. */
  readonly name: string;
  /** Where the service connects to: the first hop, or the dependency where there is none. */
  readonly listen: string;
  /** Where the dependency itself listens. */
  readonly upstream: string;
  /** From the service to the dependency; none when the service connects directly. */
  readonly hops: readonly HopAddress[];
}

export interface DatabaseAddress {
  readonly name: string;
  /** Direct, not through a link; a role that may read everything in this database. */
  readonly url: string;
  /** The same as the service that it belongs to, for those that write what the service would. */
  readonly ownerUrl: string;
}

export interface AddressBook {
  readonly runId: string;
  readonly runFolder: string;
  readonly startedAt: string;
  /** Unix socket of the supervisor's control API. */
  readonly controlSocket: string;
  readonly supervisorPid: number;
  /** Which provider serves each component: `address`, `native` or `container`, and its version. */
  readonly providers: Readonly<
    Record<Infrastructure, { readonly provider: string; readonly version: string }>
  >;
  readonly kafka: { readonly bootstrap: string };
  readonly registry: { readonly url: string };
  readonly connect: { readonly url: string };
  readonly postgres: { readonly databases: Readonly<Record<string, DatabaseAddress>> };
  readonly redis: { readonly url: string };
  readonly mongodb: { readonly url: string; readonly database: string };
  readonly eventstore: { readonly connectionString: string };
  readonly toxiproxy: { readonly url: string };
  /** The control socket of the wire proxy, where the stack has one. */
  readonly wire?: { readonly socket: string };
  readonly oidc: {
    readonly issuer: string;
    readonly audience: string;
    /** POST {sub, groups?, email?, expiresInSeconds?, tokenUse?, audience?} → {access_token}. */
    readonly mintUrl: string;
    /** POST → rotates the signing key; the old key stays in the JWKS until `{drop: true}`. */
    readonly rotateUrl: string;
  };
  /** `messagesUrl` GET → every mail that the SMTP sink took, as JSON. */
  readonly smtp: { readonly host: string; readonly port: number; readonly messagesUrl: string };
  /**
   * `spansUrl` GET ?after=<n> → spans received so far, paged; ?traceId=<hex> → those of one trace.
   */
  readonly otlp: { readonly tracesUrl: string; readonly spansUrl: string };
  readonly services: Readonly<Record<string, ServiceAddress>>;
  readonly links: readonly LinkAddress[];
}
