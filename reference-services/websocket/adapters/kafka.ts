import { Counter } from 'prom-client';
import { PoisonMessage } from '#kit/errors.ts';
import type { AnyReceived, ConsumerOptions, Producer } from '#kit/kafka.ts';
import { type ReplayOptions, replayTopic } from '#kit/kafka-replay.ts';
import type { ServiceContext } from '#kit/service.ts';
import type { UpdateLogging } from '../app-logging.ts';
import type { ConnectionPublisher, UpdateHistory } from '../ports.ts';

/** The consumer group, shared by all nodes: each update is logged by one of them. */
export const GROUP = 'websocket';

/** Publishes to `websocket.connections`. */
export const kafkaConnectionPublisher = (producer: Producer): ConnectionPublisher => ({
  publish: (events) =>
    producer.publish(
      events.map((value) => ({ topic: 'websocket.connections', key: value.userId, value })),
    ),
});

/** What was published about jobs, from the topic. */
export const kafkaUpdateHistory = (
  context: ServiceContext,
  options: Omit<ReplayOptions<'job.updates'>, 'topic'>,
): UpdateHistory => ({
  replay: (take) =>
    replayTopic(context, { ...options, topic: 'job.updates' }, ({ value, traceparent }) =>
      take({ update: value, traceparent }),
    ),
});

/** Puts what comes into the log; the offset is committed when it is there. */
export function logUpdates(
  logging: Pick<UpdateLogging, 'add'>,
  { metrics }: Pick<ServiceContext, 'metrics'>,
): Required<Pick<ConsumerOptions<'job.updates'>, 'handle' | 'handleAll'>> {
  const logged = new Counter({
    name: 'websocket_updates_logged_total',
    help: 'Updates by outcome.',
    labelNames: ['outcome'],
    registers: [metrics],
  });
  const handleAll = async (messages: ReadonlyArray<AnyReceived<'job.updates'>>) => {
    const entries = messages.map(({ value, traceparent }) => ({
      update: value,
      traceparent: traceparent === '' ? null : traceparent,
    }));
    const outcomes = await logging.add(entries);
    for (const outcome of outcomes) logged.inc({ outcome });
    const foreign = entries[outcomes.indexOf('foreign')];
    if (foreign === undefined) return;
    const detail = `job ${foreign.update.jobId} was another user's in an earlier update`;
    throw new PoisonMessage('unexpected-message', { detail });
  };
  return { handle: (message) => handleAll([message]), handleAll };
}
