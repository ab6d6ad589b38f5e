/** The server under test: the official client, a raw gRPC client, and what the suites share. */
import { randomUUID } from 'node:crypto';
import {
  type AppendToStreamOptions,
  type EventData,
  EventStoreDBClient,
  jsonEvent,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { credentials } from '@grpc/grpc-js';
import { expect } from 'vitest';

export interface Target extends AsyncDisposable {
  readonly connectionString: string;
  readonly client: EventStoreDBClient;
  readonly raw: StreamsClient;
}

export type GetTarget = () => Target;

/** How long a test waits for one thing that must happen. */
export const WAIT_MS = 10_000;

/** Per-call credentials make the client use the classic Append; without TLS they are not sent. */
export const CLASSIC: AppendToStreamOptions = {
  credentials: { username: 'admin', password: 'changeit' },
};

export function connectTarget(connectionString: string): Target {
  const client = EventStoreDBClient.connectionString(connectionString);
  const { host } = new URL(connectionString.replace(/^esdb:/, 'http:'));
  const raw = new StreamsClient(host, credentials.createInsecure());
  return {
    connectionString,
    client,
    raw,
    async [Symbol.asyncDispose]() {
      raw.close();
      await client.dispose();
    },
  };
}

export function uniqueStream(label: string): string {
  return `${label}-${randomUUID()}`;
}

/** JSON events `first`, `first + 1`, … whose data is their number. */
export function numbered(count: number, { first = 0, type = 'numbered' } = {}): EventData[] {
  return Array.from({ length: count }, (_, index) =>
    jsonEvent({ type, data: { number: first + index } }),
  );
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  return Array.fromAsync(items);
}

/** The number of an event that `numbered` made. */
export function numberOf({ event }: { event?: { data: unknown } }): number {
  return (event as { data: { number: number } }).data.number;
}

/** The numbers of `numbered` events, in the order given. */
export function numbersOf(events: readonly { event?: { data: unknown } }[]): number[] {
  return events.map(numberOf);
}

export function revisionsOf(events: readonly ResolvedEvent[]): bigint[] {
  return events.map(({ event }) => event?.revision ?? -1n);
}

export function range(count: number, first = 0): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** The position of an append that succeeded. */
export function positionOf(result: { position?: Position }): Position {
  expect(result.position).toBeDefined();
  return result.position as Position;
}

/** What the call was refused with; fails when it was not. */
export async function refusal(call: PromiseLike<unknown>): Promise<Record<string, unknown>> {
  const outcome = await call.then(
    () => 'accepted',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(Error);
  return outcome as Record<string, unknown>;
}

/** Waits for something that must happen, and says what did not. */
export async function within<Result>(
  label: string,
  promise: Promise<Result>,
  timeoutMs = WAIT_MS,
): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const error = new Error(`Not within ${timeoutMs} ms: ${label}.`);
  const timer = setTimeout(() => late.reject(error), timeoutMs);
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
}

export function identifier(stream: string): sharedPb.StreamIdentifier {
  return new sharedPb.StreamIdentifier().setStreamName(new TextEncoder().encode(stream));
}
