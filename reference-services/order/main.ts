import { z } from 'zod';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { registryCodec } from '#kit/avro.ts';
import { common, durationMsVar, portVar, urlVar } from '#kit/config.ts';
import { serveGrpc } from '#kit/grpc.ts';
import { kafkaConsumer, kafkaProducer, sideBySide } from '#kit/kafka.ts';
import { runService } from '#kit/service.ts';
import { currentTraceparent, withTraceparent } from '#kit/telemetry.ts';
import { EventStoreConnection } from './adapters/event-store-connection.ts';
import { eventStoreFeed } from './adapters/event-store-feed.ts';
import { eventStoreLog } from './adapters/event-store-log.ts';
import { eventStoreRegister } from './adapters/event-store-register.ts';
import {
  GROUP,
  kafkaBus,
  PUBLISHED_TOPICS,
  REPLY_TOPICS,
  receiveReplies,
} from './adapters/kafka.ts';
import { prometheusMeter } from './adapters/metrics.ts';
import { createOrderApp } from './app.ts';
import { createPublisher } from './app-publisher.ts';
import { orderServer } from './server.ts';

const BACKOFF_FIRST_MS_DEFAULT = 250;
const BACKOFF_MAX_MS_DEFAULT = 5_000;

const config = common.extend({
  GRPC_PORT: portVar,
  KAFKA_BROKERS: z.string().min(1),
  SCHEMA_REGISTRY_URL: urlVar,
  EVENTSTORE_URL: urlVar,
  STEP_TIMEOUT_MS: durationMsVar(LIMITS.order.stepMs),
  BACKOFF_FIRST_MS: durationMsVar(BACKOFF_FIRST_MS_DEFAULT),
  BACKOFF_MAX_MS: durationMsVar(BACKOFF_MAX_MS_DEFAULT),
});

await runService(config, async (env, context) => {
  const codec = await registryCodec({
    url: env.SCHEMA_REGISTRY_URL,
    topics: [...PUBLISHED_TOPICS, ...REPLY_TOPICS],
    log: context.log,
    signal: context.signal,
  });
  const producer = await kafkaProducer(context, { brokers: env.KAFKA_BROKERS, codec });
  const connection = context.resources.use(new EventStoreConnection(env.EVENTSTORE_URL));
  const meter = prometheusMeter(context.metrics);
  const bus = kafkaBus(producer);
  const app = createOrderApp({
    log: eventStoreLog(connection),
    bus,
    clock: context.clock,
    tracing: { current: currentTraceparent },
    meter,
    policy: {
      stepTimeoutMs: env.STEP_TIMEOUT_MS,
      backoffFirstMs: env.BACKOFF_FIRST_MS,
      backoffMaxMs: env.BACKOFF_MAX_MS,
    },
  });
  const publisher = createPublisher({
    feed: eventStoreFeed(env.EVENTSTORE_URL),
    bus,
    lease: eventStoreRegister(connection, {
      stream: 'orderPublisher-lease',
      eventType: 'LeaseChanged',
    }),
    checkpoint: eventStoreRegister(connection, {
      stream: 'orderPublisher-checkpoint',
      eventType: 'CheckpointReached',
    }),
    fire: (orderId, timerId, traceparent) =>
      withTraceparent(traceparent, () => app.fireTimer(orderId, timerId)),
    instance: context.instance,
    newTerm: context.ids.uuid,
    log: context.log,
    meter,
  });
  context.health.add('event store', () => connection.check());
  context.health.add('publisher', async () => {
    const trouble = publisher.trouble();
    if (trouble !== undefined) throw new Error(trouble);
  });
  const publishing = publisher.run(context.signal);
  context.onDrain(() => publishing);
  await kafkaConsumer(context, {
    brokers: env.KAFKA_BROKERS,
    group: GROUP,
    topics: REPLY_TOPICS,
    codec,
    producer,
    ...sideBySide(receiveReplies(app, meter)),
  });
  await serveGrpc(context, { port: env.GRPC_PORT, services: [orderServer(app)] });
});
