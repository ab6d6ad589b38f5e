import { Counter, type Registry } from 'prom-client';
import type { AnyReceived, ConsumerOptions, Producer } from '#kit/kafka.ts';
import { type ReplayOptions, replayTopic } from '#kit/kafka-replay.ts';
import type { ServiceContext } from '#kit/service.ts';
import { allDone } from '#kit/settled.ts';
import type { JobService } from '../app.ts';
import { readOrderEvent, readParticipantEvent } from '../domain-events.ts';
import type { UpdateHistory, UpdatePublisher } from '../ports.ts';

/** What job-management reads. */
export const EVENT_TOPICS = [
  'order.events',
  'inventory.events',
  'payment.events',
  'shipping.events',
] as const;
type EventTopic = (typeof EVENT_TOPICS)[number];

/** The consumer group. */
export const GROUP = 'job-management';

/** Publishes updates to `job.updates`, each as a part of the trace that led to it. */
export const kafkaUpdatePublisher = (producer: Producer): UpdatePublisher => ({
  publish: (pending) =>
    producer.publish(
      pending.map(({ update, traceparent }) => ({
        topic: 'job.updates',
        key: update.jobId,
        value: update,
        traceparent: traceparent === '' ? undefined : traceparent,
      })),
    ),
});

/** What was published about jobs, from the topic. */
export const kafkaUpdateHistory = (
  context: ServiceContext,
  options: Omit<ReplayOptions<'job.updates'>, 'topic'>,
): UpdateHistory => ({
  replay: (take) =>
    replayTopic(context, { ...options, topic: 'job.updates' }, ({ value }) => take(value)),
});

/** Folds what comes. The offset is committed when what follows from it is published. */
export function foldEvents(
  jobs: Pick<JobService, 'fold'>,
  metrics: Registry,
): Required<Pick<ConsumerOptions<EventTopic>, 'handle' | 'handleAll'>> {
  const folded = new Counter({
    name: 'job_events_folded_total',
    help: 'Events by outcome: updated, or why they changed nothing.',
    labelNames: ['outcome'],
    registers: [metrics],
  });
  const handle = async (message: AnyReceived<EventTopic>) => {
    const event =
      message.topic === 'order.events'
        ? readOrderEvent(message.value)
        : readParticipantEvent(message.value);
    if (event === undefined) {
      folded.inc({ outcome: 'no-job' });
      return;
    }
    const result = await jobs.fold(event, message.traceparent);
    folded.inc({ outcome: result.kind === 'updated' ? 'updated' : result.reason });
  };
  return {
    handle,
    // Side by side: those of one job are folded in the order of the calls.
    handleAll: (messages) => allDone(messages.map(handle)),
  };
}
