import { Counter } from 'prom-client';
import { PoisonMessage } from '#kit/errors.ts';
import type { AnyReceived, Producer } from '#kit/kafka.ts';
import type { ServiceContext } from '#kit/service.ts';
import { currentTraceparent } from '#kit/telemetry.ts';
import type { ConnectionPublisher, UpdateLog } from '../ports.ts';

/** The consumer group, shared by all nodes: each update is logged by one of them. */
export const GROUP = 'websocket';

/** Publishes to `websocket.connections`. */
export const kafkaConnectionPublisher = (producer: Producer): ConnectionPublisher => ({
  publish: (events) =>
    producer.publish(
      events.map((value) => ({ topic: 'websocket.connections', key: value.userId, value })),
    ),
});

/** Puts what comes into the log; the offset is committed when it is there. */
export function logUpdates(
  log: Pick<UpdateLog, 'append'>,
  { metrics }: Pick<ServiceContext, 'metrics'>,
): (message: AnyReceived<'job.updates'>) => Promise<void> {
  const logged = new Counter({
    name: 'websocket_updates_logged_total',
    help: 'Updates by what became of them.',
    labelNames: ['outcome'],
    registers: [metrics],
  });
  return async ({ value }) => {
    const outcome = await log.append(value, currentTraceparent() ?? null);
    logged.inc({ outcome });
    if (outcome === 'foreign') {
      const detail = `job ${value.jobId} was another user's in an earlier update`;
      throw new PoisonMessage('unexpected-message', { detail });
    }
  };
}
