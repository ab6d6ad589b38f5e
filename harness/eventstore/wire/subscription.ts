/**
 * Catch-up subscriptions. There is no buffer of live events: a subscription keeps only a cursor and
 * pulls pages from the store whenever a commit wakes it and its client takes messages, so a slow
 * client costs nothing but the distance that it has to catch up.
 */
import { randomUUID } from 'node:crypto';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { type Cursor, nextTurn, openAllCursor, openStreamCursor } from '../cursor.ts';
import type { EventStore, RecordedEvent } from '../store.ts';
import { streamDeleted } from './errors.ts';
import type { Filter } from './filter.ts';
import { toResolvedEvent } from './links.ts';
import { PAGE_EVENTS, type ReadRequest, type ReadSource, type Send } from './read.ts';

/**
 * How far a live subscription may lag before it counts as catching up again, and says so with
 * another caught_up: the size of the real server's live buffer.
 */
const LIVE_LAG_EVENTS_MAX = 32;

/** Serves one subscription until its signal aborts, which rejects with the signal's reason. */
export async function subscribe(
  store: EventStore,
  request: ReadRequest,
  send: Send,
  signal: AbortSignal,
): Promise<void> {
  const { source, format } = request;
  const cursor = await openCursor(store, source);
  const filter = source.kind === 'all' ? source.filter : undefined;
  const checkpoints = createCheckpoints(filter, source.from, await store.head());
  using wakeUp = createWakeUp(store, cursor, signal);
  await send(toConfirmation());
  let isLive = false;
  for (;;) {
    signal.throwIfAborted();
    wakeUp.reset();
    const page = await cursor.pull(isLive ? LIVE_LAG_EVENTS_MAX : PAGE_EVENTS);
    if (page.kind === 'stream-deleted') {
      throw streamDeleted(source.kind === 'stream' ? source.stream : '$all');
    }
    for (const event of page.events) {
      signal.throwIfAborted();
      if (filter?.passes(event) !== false) await send(await toResolvedEvent(store, event, format));
      const checkpoint = checkpoints.afterEvent(event);
      if (checkpoint !== undefined) await send(toCheckpoint(checkpoint));
    }
    if (!page.isEnd) {
      isLive = false;
      await nextTurn();
      continue;
    }
    if (!isLive) {
      isLive = true;
      const checkpoint = checkpoints.onGoingLive();
      if (checkpoint !== undefined) await send(toCheckpoint(checkpoint));
      await send(new streamsPb.ReadResp().setCaughtUp(new streamsPb.ReadResp.CaughtUp()));
    }
    await wakeUp.wait();
  }
}

/** A position to start from was seen already: the subscription gives what comes after it. */
async function openCursor(store: EventStore, source: ReadSource): Promise<Cursor> {
  const { from } = source;
  const after = typeof from === 'bigint' ? from + 1n : 0n;
  if (source.kind === 'all') {
    return openAllCursor(store, from === 'end' ? await store.head() : after);
  }
  if (from !== 'end') return openStreamCursor(store, source.stream, after);
  const last = await store.lastRevision(source.stream);
  return openStreamCursor(store, source.stream, last === 'no_stream' ? 0n : last + 1n);
}

/** Tells after which events a filtered subscription is due a checkpoint. */
function createCheckpoints(filter: Filter | undefined, start: ReadSource['from'], head: bigint) {
  let considered = 0;
  let last = start === 'end' ? head : start === 'start' ? 0n : start;
  return {
    afterEvent(event: RecordedEvent): bigint | undefined {
      if (filter === undefined) return undefined;
      last = event.position;
      considered += 1;
      return considered % filter.checkpointIntervalEvents === 0 ? last : undefined;
    },
    onGoingLive(): bigint | undefined {
      return filter === undefined || last === 0n ? undefined : last;
    },
  };
}

/** Remembers commits between `reset` and `wait`, so that none is missed in between. */
function createWakeUp(store: EventStore, cursor: Cursor, signal: AbortSignal) {
  let isDue = false;
  let wake: (() => void) | undefined;
  const stop = store.onCommit((streams) => {
    if (!cursor.concerns(streams)) return;
    isDue = true;
    wake?.();
  });
  const onAbort = () => wake?.();
  signal.addEventListener('abort', onAbort);
  return {
    reset() {
      isDue = false;
    },
    async wait(): Promise<void> {
      if (isDue || signal.aborted) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      wake = undefined;
    },
    [Symbol.dispose]() {
      signal.removeEventListener('abort', onAbort);
      stop();
    },
  };
}

function toConfirmation(): streamsPb.ReadResp {
  return new streamsPb.ReadResp().setConfirmation(
    new streamsPb.ReadResp.SubscriptionConfirmation().setSubscriptionId(randomUUID()),
  );
}

function toCheckpoint(position: bigint): streamsPb.ReadResp {
  return new streamsPb.ReadResp().setCheckpoint(
    new streamsPb.ReadResp.Checkpoint()
      .setCommitPosition(`${position}`)
      .setPreparePosition(`${position}`),
  );
}
