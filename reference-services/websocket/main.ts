import { z } from 'zod';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { registryCodec } from '#kit/avro.ts';
import { common, durationMsVar, hostPortVar, portVar, urlVar } from '#kit/config.ts';
import { kafkaConsumer, kafkaProducer } from '#kit/kafka.ts';
import { redisClient } from '#kit/redis.ts';
import { runService } from '#kit/service.ts';
import { authClient } from './adapters/auth-client.ts';
import {
  GROUP,
  kafkaConnectionPublisher,
  kafkaUpdateHistory,
  logUpdates,
} from './adapters/kafka.ts';
import { listenForHints, redisUpdateLog } from './adapters/redis-log.ts';
import { redisConnectionOutbox } from './adapters/redis-outbox.ts';
import { redisRegistry } from './adapters/redis-registry.ts';
import { repeat } from './adapters/rounds.ts';
import { UpdateNode } from './app.ts';
import { ConnectionReports } from './app-connections.ts';
import { UpdateLogging } from './app-logging.ts';
import { serveUpdates } from './server.ts';

/** How late an update is when its hint was lost. */
const COMPARE_INTERVAL_MS = 1_000;
/** A third of the time after which a node's sockets are given up. */
const KEEP_ALIVE_INTERVAL_MS = LIMITS.websocket.renewalMs;
const REPORT_INTERVAL_MS = 250;
const CLOSE_TIMEOUT_MS = 2_000;

const count = (byDefault: number) => z.coerce.number().int().min(1).default(byDefault);

const config = common.extend({
  WS_PORT: portVar,
  AUTH_ADDR: hostPortVar,
  KAFKA_BROKERS: z.string().min(1),
  SCHEMA_REGISTRY_URL: urlVar,
  REDIS_URL: urlVar,
  /** Comma-separated; a browser page of any other is refused. */
  WS_ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform((list) => list.split(',').flatMap((origin) => origin.trim() || [])),
  WS_HEARTBEAT_MS: durationMsVar(LIMITS.websocket.pingMs),
  WS_LOG_TTL_MS: durationMsVar(LIMITS.websocket.resumeMs),
  WS_SOCKETS_PER_USER_MAX: count(LIMITS.websocket.socketsPerUser),
  WS_SEND_BYTES_MAX: count(LIMITS.websocket.unreadBytes),
  WS_SEND_FRAMES_MAX: count(LIMITS.websocket.unreadFrames),
});

await runService(config, async (env, context) => {
  const client = await redisClient(context, env.REDIS_URL);
  const subscriber = await redisClient(context, env.REDIS_URL, { name: 'redis hints' });
  const codec = await registryCodec({
    url: env.SCHEMA_REGISTRY_URL,
    topics: ['job.updates', 'websocket.connections'],
    log: context.log,
    signal: context.signal,
  });
  const producer = await kafkaProducer(context, { brokers: env.KAFKA_BROKERS, codec });
  const onFailure = (error: unknown) => context.log.warn({ err: error }, 'it will be done again');
  const log = redisUpdateLog(client, {
    nodeId: context.instance,
    logTtlMs: env.WS_LOG_TTL_MS,
  });
  const registry = redisRegistry(client, { socketsPerUserMax: env.WS_SOCKETS_PER_USER_MAX });
  const { clock, ids } = context;
  const node = new UpdateNode({ nodeId: context.instance, registry, log, clock, ids, onFailure });
  const outbox = redisConnectionOutbox(client);
  const reports = new ConnectionReports({ outbox, publisher: kafkaConnectionPublisher(producer) });
  // Registered before the server's drain, so that it runs after: every goodbye is reported.
  context.onDrain(() => reports.flush());
  listenForHints(subscriber, context.instance, (hint) => node.offer(hint), onFailure);
  const history = kafkaUpdateHistory(context, { brokers: env.KAFKA_BROKERS, codec });
  const logging = new UpdateLogging({ log, history, offer: (hint) => node.offer(hint) });
  repeat(context, 'restore', COMPARE_INTERVAL_MS, () => logging.ensureIntact());
  repeat(context, 'compare', COMPARE_INTERVAL_MS, () => node.compare());
  repeat(context, 'keep alive', KEEP_ALIVE_INTERVAL_MS, () => node.keepAlive());
  repeat(context, 'report', REPORT_INTERVAL_MS, () => reports.flush());
  await kafkaConsumer(context, {
    brokers: env.KAFKA_BROKERS,
    group: GROUP,
    topics: ['job.updates'],
    codec,
    producer,
    ...logUpdates(logging, context),
  });
  await serveUpdates(context, {
    port: env.WS_PORT,
    node,
    authenticator: authClient(context, env.AUTH_ADDR),
    allowedOrigins: new Set(env.WS_ALLOWED_ORIGINS),
    limits: {
      sendBytesMax: env.WS_SEND_BYTES_MAX,
      sendFramesMax: env.WS_SEND_FRAMES_MAX,
      heartbeatMs: env.WS_HEARTBEAT_MS,
      closeTimeoutMs: CLOSE_TIMEOUT_MS,
    },
  });
});
