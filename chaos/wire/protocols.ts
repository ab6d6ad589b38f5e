/** Every protocol with a decoder: the table that a new one is added to. */
import type { WireDecoder } from '../../harness/links/wire-configuration.ts';
import { grpc } from './grpc/grpc.ts';
import { http } from './http/http.ts';
import { kafka } from './kafka/kafka.ts';
import { mongodb } from './mongodb/mongodb.ts';
import { postgres } from './postgres/postgres.ts';
import type { Protocol } from './protocol.ts';
import { redis } from './redis/redis.ts';
import { smtp } from './smtp/smtp.ts';

export const PROTOCOLS: Readonly<Record<WireDecoder, () => Protocol>> = {
  kafka,
  postgres,
  redis: () => redis,
  grpc: () => grpc,
  http: () => http,
  mongodb: () => mongodb,
  smtp: () => smtp,
};

export const protocolOf = (decoder: WireDecoder): Protocol => PROTOCOLS[decoder]();
