import type { Recipes } from '../recipes.ts';
import { nativeConnect } from './connect.ts';
import { nativeEventstore } from './eventstore.ts';
import { nativeKafka } from './kafka.ts';
import { nativeMongodb } from './mongodb.ts';
import { nativePostgres } from './postgres.ts';
import { nativeRedis } from './redis.ts';
import { nativeRegistry } from './registry.ts';
import { nativeToxiproxy } from './toxiproxy.ts';

/** Every component as a child process, from servers that the harness installs. */
export const NATIVE_RECIPES: Recipes = {
  connect: nativeConnect,
  eventstore: nativeEventstore,
  kafka: nativeKafka,
  mongodb: nativeMongodb,
  postgres: nativePostgres,
  redis: nativeRedis,
  registry: nativeRegistry,
  toxiproxy: nativeToxiproxy,
};
