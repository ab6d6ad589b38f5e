/** Every protocol with a decoder: the table that a new one is added to. */
import type { WireDecoder } from '../../harness/links/wire-configuration.ts';
import { kafka } from './kafka/kafka.ts';
import { postgres } from './postgres/postgres.ts';
import type { Protocol } from './protocol.ts';
import { redis } from './redis/redis.ts';

export const PROTOCOLS: Readonly<Record<WireDecoder, () => Protocol>> = {
  kafka,
  postgres,
  redis: () => redis,
};

export const protocolOf = (decoder: WireDecoder): Protocol => PROTOCOLS[decoder]();
