/** What a wire proxy is started with, and which links it decodes. */
import { SERVICES } from '../kernel/address-book.ts';

/** The protocols with a decoder in chaos/wire/, as the history names them. */
export const WIRE_DECODERS = [
  'kafka',
  'postgres',
  'redis',
  'grpc',
  'http',
  'mongodb',
  'smtp',
] as const;
export type WireDecoder = (typeof WIRE_DECODERS)[number];

export interface WireConfiguration {
  /** Path of the control socket. */
  readonly socket: string;
  readonly links: readonly {
    readonly name: string;
    /** `host:port` */
    readonly listen: string;
    readonly upstream: string;
    readonly protocol: WireDecoder;
  }[];
}

/** By dependency; services speak gRPC to each other. */
const DECODER_OF: Readonly<Record<string, WireDecoder>> = {
  kafka: 'kafka',
  postgres: 'postgres',
  redis: 'redis',
  mongodb: 'mongodb',
  eventstore: 'grpc',
  registry: 'http',
  oidc: 'http',
  smtp: 'smtp',
  ...Object.fromEntries(SERVICES.map((service) => [service, 'grpc'])),
};

/** @returns undefined for a dependency whose protocol has no decoder: its links have no wire hop */
export const decoderOf = (dependency: string): WireDecoder | undefined => DECODER_OF[dependency];

/** Every dependency whose links the wire proxy decodes. */
export const decodersByDependency = (): readonly (readonly [string, WireDecoder])[] =>
  Object.entries(DECODER_OF).flatMap(([name, decoder]) => (decoder ? [[name, decoder]] : []));
