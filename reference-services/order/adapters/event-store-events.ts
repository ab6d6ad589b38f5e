/** How the events of an order look in the store. */
import { type EventData, jsonEvent, type RecordedEvent } from '@eventstore/db-client';
import type { StoredFact } from '../domain.ts';
import type { LoggedEvent, NewEvent } from '../ports.ts';

/** Streams of this service's orders, and of nothing else, start like this. */
export const STREAM_PREFIX = 'order-';

export const streamOf = (orderId: string): string => `${STREAM_PREFIX}${orderId}`;

interface Metadata {
  readonly causationId: string;
  readonly jobId: string;
  readonly traceparent?: string;
  /** Which part of its append it is, so that a reader knows when it has seen all of it. */
  readonly part: { readonly index: number; readonly of: number };
}

/** The stored form. What is published has the same type in the store as on its topic. */
export function toEventData(events: readonly NewEvent[]): EventData[] {
  return events.map(({ id, fact, causationId, traceparent }, index) =>
    jsonEvent({
      id,
      type: typeOf(fact),
      data: fact as unknown as Record<string, unknown>,
      metadata: {
        causationId,
        jobId: fact.jobId,
        ...(traceparent === undefined ? {} : { traceparent }),
        part: { index, of: events.length },
      } satisfies Metadata,
    }),
  );
}

function typeOf(fact: StoredFact): string {
  switch (fact.kind) {
    case 'public':
      return fact.payload.type;
    case 'command':
      return fact.command.payload.type;
    case 'wait':
      return 'SagaRetryScheduled';
    default:
      return fact satisfies never;
  }
}

/** An event as this service wrote it. */
export function fromRecorded(recorded: RecordedEvent): Omit<LoggedEvent, 'position'> {
  const { causationId, traceparent } = recorded.metadata as unknown as Metadata;
  return {
    id: recorded.id,
    fact: recorded.data as unknown as StoredFact,
    causationId,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** Whether nothing of its append comes after it. */
export function isLastPart(recorded: RecordedEvent): boolean {
  const { part } = recorded.metadata as unknown as Metadata;
  return part.index === part.of - 1;
}
