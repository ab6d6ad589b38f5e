import { z } from 'zod';
import { LIMITS } from '#contracts/spec/limits.generated.ts';
import { registryCodec } from '#kit/avro.ts';
import { common, durationMsVar, portVar, urlVar } from '#kit/config.ts';
import { serveGrpc } from '#kit/grpc.ts';
import { kafkaConsumer, kafkaProducer } from '#kit/kafka.ts';
import { redisClient } from '#kit/redis.ts';
import { runService } from '#kit/service.ts';
import { watchExpiry } from './adapters/expiry-watch.ts';
import {
  EVENT_TOPICS,
  foldEvents,
  GROUP,
  kafkaUpdateHistory,
  kafkaUpdatePublisher,
} from './adapters/kafka.ts';
import { redisJobStore } from './adapters/redis-store.ts';
import { JobService } from './app.ts';
import { jobServer } from './server.ts';

const config = common.extend({
  GRPC_PORT: portVar,
  KAFKA_BROKERS: z.string().min(1),
  SCHEMA_REGISTRY_URL: urlVar,
  REDIS_URL: urlVar,
  ISSUED_TTL_MS: durationMsVar(LIMITS['job-management'].issuedMs),
  JOB_TTL_MS: durationMsVar(LIMITS['job-management'].jobMs),
});

await runService(config, async (env, context) => {
  const client = await redisClient(context, env.REDIS_URL);
  const subscriber = await redisClient(context, env.REDIS_URL, { name: 'redis events' });
  const codec = await registryCodec({
    url: env.SCHEMA_REGISTRY_URL,
    topics: [...EVENT_TOPICS, 'job.updates'],
    log: context.log,
    signal: context.signal,
  });
  const producer = await kafkaProducer(context, { brokers: env.KAFKA_BROKERS, codec });
  const store = redisJobStore(client);
  const jobs = new JobService({
    store,
    outbox: store,
    publisher: kafkaUpdatePublisher(producer),
    history: kafkaUpdateHistory(context, { brokers: env.KAFKA_BROKERS, codec }),
    clock: context.clock,
    issuedTtlMs: env.ISSUED_TTL_MS,
    jobTtlMs: env.JOB_TTL_MS,
  });
  watchExpiry(context, jobs, { client, subscriber });
  await serveGrpc(context, { port: env.GRPC_PORT, services: [jobServer(jobs)] });
  await kafkaConsumer(context, {
    brokers: env.KAFKA_BROKERS,
    group: GROUP,
    topics: EVENT_TOPICS,
    codec,
    producer,
    ...foldEvents(jobs, context.metrics),
  });
});
