import { SpanKind } from '@opentelemetry/api';
import { Counter } from 'prom-client';
import { z } from 'zod';
import { registryCodec } from '#kit/avro.ts';
import { common, hostPortVar, urlVar } from '#kit/config.ts';
import { kafkaConsumer, kafkaProducer, type Received, sideBySide } from '#kit/kafka.ts';
import { postgresPool } from '#kit/postgres.ts';
import { runService } from '#kit/service.ts';
import { withSpan, withTraceparent } from '#kit/telemetry.ts';
import { MIGRATIONS, postgresNotifications } from './adapters/postgres.ts';
import { smtpMailer } from './adapters/smtp.ts';
import { createNotifier } from './app.ts';

const Config = common.extend({
  KAFKA_BROKERS: hostPortVar,
  SCHEMA_REGISTRY_URL: urlVar,
  POSTGRES_URL: urlVar,
  SMTP_URL: urlVar,
  MAIL_FROM: z.email().default('orders@sagaproof.example'),
});

await runService(Config, async (config, context) => {
  const brokers = config.KAFKA_BROKERS;
  const outcomes = new Counter({
    name: 'notification_outcomes_total',
    help: 'Notifications by kind and outcome.',
    labelNames: ['kind', 'outcome'],
    registers: [context.metrics],
  });
  const database = await postgresPool(context, config.POSTGRES_URL, { migrations: MIGRATIONS });
  const mailer = context.resources.use(
    smtpMailer({ url: config.SMTP_URL, from: config.MAIL_FROM }),
  );
  const codec = await registryCodec({
    url: config.SCHEMA_REGISTRY_URL,
    topics: ['order.events'],
    log: context.log,
    signal: context.signal,
  });
  const notifier = createNotifier({
    notifications: postgresNotifications(database),
    mailer,
    inTrace: (traceparent, work) =>
      withTraceparent(traceparent, () =>
        withSpan('send notification', { kind: SpanKind.CLIENT }, work),
      ),
    onOutcome: (kind, outcome) => outcomes.inc({ kind, outcome }),
    onRoundFailed: (error) => context.log.warn({ err: error }, 'nothing could be sent this time'),
  });
  const running = notifier.run(context.signal);
  context.onDrain(() => running);
  const producer = await kafkaProducer(context, { brokers, codec });
  await kafkaConsumer(context, {
    brokers,
    group: 'notification',
    topics: ['order.events'],
    codec,
    producer,
    ...sideBySide(({ value, headers }: Received<'order.events'>) =>
      notifier.onEvent(value, headers['traceparent'] ?? ''),
    ),
  });
});
