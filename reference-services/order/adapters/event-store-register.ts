import { jsonEvent } from '@eventstore/db-client';
import type { Register, Revision } from '../ports.ts';
import type { EventStoreConnection } from './event-store-connection.ts';
import { appendOnce, readStream } from './event-store-log.ts';

/** Only the last value counts; a few more help to investigate a failure. */
const VALUES_KEPT = 20;

/** One value, kept as the last event of a short stream. */
export function eventStoreRegister<T extends object>(
  connection: EventStoreConnection,
  options: { readonly stream: string; readonly eventType: string },
): Register<T> {
  const { stream, eventType } = options;
  return {
    async read() {
      const [last] = await readStream(connection, stream, { direction: 'backwards', maxCount: 1 });
      if (last === undefined) return { value: undefined, revision: 'no-stream' };
      return { value: last.data as unknown as T, revision: last.revision };
    },
    async write(value: T, expected: Revision) {
      if (expected === 'no-stream') await limitLength(connection, stream);
      const event = jsonEvent({
        type: eventType,
        data: value as unknown as Record<string, unknown>,
      });
      return appendOnce(connection, stream, [event], expected);
    },
  };
}

async function limitLength(connection: EventStoreConnection, stream: string): Promise<void> {
  const metadata = jsonEvent({ type: '$metadata', data: { $maxCount: VALUES_KEPT } });
  await appendOnce(connection, `$$${stream}`, [metadata], 'any');
}
