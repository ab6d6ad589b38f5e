import { Counter } from 'prom-client';
import { registryCodec } from '#kit/avro.ts';
import { common, hostPortVar, portVar, urlVar } from '#kit/config.ts';
import { serveGrpc } from '#kit/grpc.ts';
import { kafkaConsumer, kafkaProducer } from '#kit/kafka.ts';
import { runService } from '#kit/service.ts';
import { kafkaEventLog } from './adapters/kafka-log.ts';
import { mongoPorts } from './adapters/mongodb.ts';
import { createQuery } from './app.ts';
import { createServer } from './server.ts';

const Config = common.extend({
  GRPC_PORT: portVar,
  KAFKA_BROKERS: hostPortVar,
  SCHEMA_REGISTRY_URL: urlVar,
  MONGODB_URL: urlVar,
});

await runService(Config, async (config, context) => {
  const brokers = config.KAFKA_BROKERS;
  const projected = new Counter({
    name: 'query_projection_events_total',
    help: 'Order events by what the projection made of them; a gap is an error.',
    labelNames: ['outcome'],
    registers: [context.metrics],
  });
  const { views, rebuilds } = await mongoPorts(context, config.MONGODB_URL);
  const codec = await registryCodec({
    url: config.SCHEMA_REGISTRY_URL,
    topics: ['order.events'],
    log: context.log,
    signal: context.signal,
  });
  const query = createQuery({
    views,
    rebuilds,
    log: kafkaEventLog(context, { brokers, codec }),
    onProjected: (outcome) => projected.inc({ outcome }),
  });
  const producer = await kafkaProducer(context, { brokers, codec });
  await serveGrpc(context, { port: config.GRPC_PORT, services: [createServer(query)] });
  await kafkaConsumer(context, {
    brokers,
    group: 'query',
    topics: ['order.events'],
    codec,
    producer,
    handle: ({ value }) => query.projectEvent(value),
    handleAll: (messages) => query.projectEvents(messages.map(({ value }) => value)),
  });
});
