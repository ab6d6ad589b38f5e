import { ErrorType, type EventData, type RecordedEvent } from '@eventstore/db-client';
import { remainingMs } from '#kit/deadline.ts';
import { OperationalError } from '#kit/errors.ts';
import type { OrderLog, Revision } from '../ports.ts';
import { type EventStoreConnection, isConnectionError, typeOf } from './event-store-connection.ts';
import { fromRecorded, streamOf, toEventData } from './event-store-events.ts';

/** How often an append is sent that gets no answer: it is idempotent by the ids of its events. */
const APPENDS_MAX = 2;
const APPEND_TIMEOUT_MS = 1_500;
/** Before the repetition: the connection must be seen to be gone first. */
const REPEAT_DELAY_MS = 50;

/** The orders' streams in EventStoreDB. */
export function eventStoreLog(connection: EventStoreConnection): OrderLog {
  return {
    async load(orderId) {
      const recorded = await readStream(connection, streamOf(orderId)).catch((cause: unknown) => {
        throw isConnectionError(cause)
          ? new OperationalError('unavailable', { detail: 'the event store did not answer', cause })
          : cause;
      });
      return {
        events: recorded.map(fromRecorded),
        revision: recorded.at(-1)?.revision ?? 'no-stream',
      };
    },
    async append(orderId, expected, events) {
      const data = toEventData(events);
      for (let sent = 1; ; sent += 1) {
        try {
          return await appendOnce(connection, streamOf(orderId), data, expected);
        } catch (cause) {
          if (!isConnectionError(cause)) throw cause;
          if (sent === APPENDS_MAX || remainingMs(APPEND_TIMEOUT_MS) < APPEND_TIMEOUT_MS) {
            const detail = 'the event store did not confirm an append';
            throw new OperationalError('outcome-unknown', { detail, cause });
          }
        }
        await new Promise((resolve) => setTimeout(resolve, REPEAT_DELAY_MS));
      }
    },
  };
}

/** Every event of a stream; none when there is no stream. */
export function readStream(
  connection: EventStoreConnection,
  stream: string,
  options: { readonly direction?: 'forwards' | 'backwards'; readonly maxCount?: number } = {},
): Promise<RecordedEvent[]> {
  const fromRevision = options.direction === 'backwards' ? 'end' : 'start';
  return connection.request(`read ${stream}`, async (client) => {
    const events: RecordedEvent[] = [];
    try {
      for await (const { event } of client.readStream(stream, { ...options, fromRevision })) {
        if (event !== undefined) events.push(event);
      }
    } catch (error) {
      if (typeOf(error) !== ErrorType.STREAM_NOT_FOUND) throw error;
    }
    return events;
  });
}

/** One append by a call with a deadline. */
export function appendOnce(
  connection: EventStoreConnection,
  stream: string,
  data: readonly EventData[],
  expected: Revision | 'any',
): Promise<Revision | 'conflict'> {
  return connection.request(
    `append to ${stream}`,
    (client, deadlineMs) => client.appendAtOnce(stream, expected, data, deadlineMs),
    APPEND_TIMEOUT_MS,
  );
}
