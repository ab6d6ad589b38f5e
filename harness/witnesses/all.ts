import { clients } from './clients.ts';
import { consumerGroups } from './consumer-groups.ts';
import { mongodb } from './end-states-mongodb.ts';
import { postgres } from './end-states-postgres.ts';
import { redis } from './end-states-redis.ts';
import { participants } from './end-states-services.ts';
import { eventstore } from './eventstore-witness.ts';
import { health } from './health.ts';
import { kafka } from './kafka-witness.ts';
import { logs } from './logs.ts';
import { mail } from './mail.ts';
import { metrics } from './metrics.ts';
import { processes } from './processes.ts';
import { spans } from './spans.ts';
import { wire } from './wire.ts';
import type { Witness } from './witness.ts';

/** Every observer of a run, in the order in which streams are read to their end. */
export const WITNESSES: readonly Witness[] = [
  clients,
  spans,
  kafka,
  eventstore,
  consumerGroups,
  postgres,
  participants,
  redis,
  mongodb,
  mail,
  health,
  metrics,
  logs,
  wire,
  processes,
];
