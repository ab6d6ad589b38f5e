/** What all gRPC calls share: input that can end early, output that waits, failures as statuses. */
import { type EventEmitter, once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { type StatusObject, status } from '@grpc/grpc-js';
import { AccessError, UserError } from '../access/errors.ts';
import { PersistentSubscriptionError } from '../persistent/errors.ts';
import { StoreError, type StoreErrorCode } from '../store.ts';
import {
  accessDenied,
  fromPersistentError,
  fromUserError,
  unauthenticated,
  WireError,
} from './errors.ts';

const STORE_ERROR_STATUS: Readonly<Record<StoreErrorCode, status>> = {
  'data-in-use': status.INTERNAL,
  'data-unknown-format': status.INTERNAL,
  'data-damaged': status.DATA_LOSS,
  'disk-full': status.RESOURCE_EXHAUSTED,
  'write-failed': status.INTERNAL,
  overloaded: status.RESOURCE_EXHAUSTED,
  closed: status.UNAVAILABLE,
};

/** The failure as gRPC sends it. */
export function toGrpcError(error: unknown): Error & Partial<StatusObject> {
  const known = toWireError(error);
  if (known !== undefined) return Object.assign(known, known.status);
  const details = error instanceof Error ? error.message : String(error);
  const code = error instanceof StoreError ? STORE_ERROR_STATUS[error.code] : status.INTERNAL;
  return Object.assign(new Error(details), { code, details });
}

function toWireError(error: unknown): WireError | undefined {
  if (error instanceof WireError) return error;
  if (error instanceof PersistentSubscriptionError) return fromPersistentError(error);
  if (error instanceof UserError) return fromUserError(error);
  if (!(error instanceof AccessError)) return undefined;
  return error.code === 'denied' ? accessDenied() : unauthenticated();
}

/** Aborts when the caller cancelled or its connection broke. */
export function goneSignal(call: EventEmitter): AbortSignal {
  const gone = new AbortController();
  call.once('cancelled', () => gone.abort(new WireError(status.CANCELLED, 'The caller is gone.')));
  return gone.signal;
}

/**
 * The messages of a call until it ends or the signal aborts. Leaving off early does not close the
 * call, as leaving a loop over the stream itself would: the answer goes out over the same call.
 */
export async function* untilAborted<Message>(
  call: Readable,
  signal: AbortSignal,
): AsyncGenerator<Message, void> {
  const messages: AsyncIterator<Message> = call[Symbol.asyncIterator]();
  let stop = () => {};
  signal.addEventListener('abort', () => stop(), { once: true });
  while (!signal.aborted) {
    // A race with one promise for the whole call would keep a reaction per message for ever.
    const next = await new Promise<IteratorResult<Message> | undefined>((resolve, reject) => {
      stop = () => resolve(undefined);
      messages.next().then(resolve, reject);
    });
    if (next === undefined || next.done === true) return;
    yield next.value;
  }
}

/**
 * The messages of a call that is worth something only when all of them came: throws when the call
 * broke. A broken call ends like a complete one, and is marked as cancelled only afterwards.
 */
export async function* untilWhole<Message>(
  call: Readable,
  gone: AbortSignal,
): AsyncGenerator<Message, void> {
  yield* untilAborted<Message>(call, gone);
  await new Promise((resolve) => setImmediate(resolve));
  gone.throwIfAborted();
}

/**
 * Sends messages, and waits while the peer takes no more: flow control is what bounds the memory of
 * a call. The appends of one call answer side by side, so they share one wait.
 */
export function createSender<Message>(
  call: Writable & { write(message: Message): boolean },
  signal: AbortSignal,
): (message: Message) => Promise<void> {
  let drained: Promise<unknown> | undefined;
  return async (message) => {
    signal.throwIfAborted();
    if (call.write(message)) return;
    drained ??= once(call, 'drain', { signal }).finally(() => {
      drained = undefined;
    });
    await drained.catch((error: unknown) => {
      throw signal.aborted ? signal.reason : error;
    });
  };
}
