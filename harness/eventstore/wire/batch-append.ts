/**
 * BatchAppend, the duplex call that the client uses by default: many appends share one stream of
 * messages, distinguished by correlation id, each in one or several chunks of which the last is
 * final.
 */
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type statusPb from '@eventstore/db-client/generated/status_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { AccessError } from '../access/errors.ts';
import type { AppendRequest, AppendResult, EventStore, ProposedEvent } from '../store.ts';
import { batchErrors } from './batch-errors.ts';
import { WireError } from './errors.ts';
import { fromProposedMessage, sizeBytes } from './events.ts';
import {
  fromExpectedRevision,
  fromStreamIdentifier,
  toGoogleEmpty,
  toStreamIdentifier,
} from './identifiers.ts';

/** Appends of one call that wait for their final chunk or for their commit. */
const APPENDS_IN_FLIGHT_MAX = 2_000;
/** 32 MiB: the events of those appends together. */
const BYTES_IN_FLIGHT_MAX = 33_554_432;

interface PendingAppend {
  readonly correlationId: sharedPb.UUID;
  readonly target: Omit<AppendRequest, 'events'>;
  readonly events: ProposedEvent[];
  bytes: number;
}

/** One BatchAppend call: reads chunks, appends, and sends one answer per append until the end. */
export async function batchAppend(
  store: EventStore,
  messages: AsyncIterable<streamsPb.BatchAppendReq>,
  send: (answer: streamsPb.BatchAppendResp) => Promise<void>,
  bytesMax: number,
): Promise<void> {
  const pending = new Map<string, PendingAppend>();
  const commits = new Set<Promise<void>>();
  let bytesInFlight = 0;

  async function commit(append: PendingAppend): Promise<void> {
    const answer = toAnswer(append, await settle(store, append));
    bytesInFlight -= append.bytes;
    // A caller that disconnected gets no answer; its append is kept.
    await send(answer).catch(() => undefined);
  }

  function refuse(key: string, append: PendingAppend, error: statusPb.Status): Promise<void> {
    pending.delete(key);
    bytesInFlight -= append.bytes;
    return send(toAnswer(append, error));
  }

  for await (const message of messages) {
    const correlationId = message.getCorrelationId() ?? new sharedPb.UUID();
    const key = Buffer.from(correlationId.serializeBinary()).toString('hex');
    let append = pending.get(key);
    try {
      const options = message.getOptions();
      if (options !== undefined && append === undefined) {
        append = { correlationId, target: fromOptions(options), events: [], bytes: 0 };
        pending.set(key, append);
        if (hasExpired(append)) {
          await refuse(key, append, batchErrors.timedOut());
          continue;
        }
      }
      // The rest of an append that was refused; the real server ignores it too.
      if (append === undefined) continue;
      const events = message.getProposedMessagesList().map(fromProposedMessage);
      const bytes = events.reduce((sum, event) => sum + sizeBytes(event), 0);
      append.events.push(...events);
      append.bytes += bytes;
      bytesInFlight += bytes;
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      const refused = append ?? { correlationId, target: NO_TARGET, events: [], bytes: 0 };
      await refuse(key, refused, batchErrors.badRequest(error.message));
      continue;
    }
    if (append.bytes > bytesMax) {
      await refuse(key, append, tooBig(append, bytesMax));
      continue;
    }
    if (message.getIsFinal()) {
      pending.delete(key);
      const running = commit(append).finally(() => commits.delete(running));
      commits.add(running);
    }
    if (pending.size > APPENDS_IN_FLIGHT_MAX) {
      await refuse(key, append, batchErrors.badRequest('Too many appends are unfinished.'));
    }
    // Not reading on is what slows the sender down.
    while (commits.size > APPENDS_IN_FLIGHT_MAX || bytesInFlight > BYTES_IN_FLIGHT_MAX) {
      if (commits.size === 0) break;
      await Promise.race(commits);
    }
  }
  await Promise.all(commits);
}

/** An append after its deadline is refused before anything else is checked. */
function hasExpired({ target: { deadlineMs } }: PendingAppend): boolean {
  return deadlineMs !== undefined && deadlineMs < Date.now();
}

function tooBig(append: PendingAppend, bytesMax: number): statusPb.Status {
  return hasExpired(append) ? batchErrors.timedOut() : batchErrors.appendTooBig(bytesMax);
}

/** Where the options could not be read, the answer still has to name some stream. */
const NO_TARGET: PendingAppend['target'] = { stream: '', expected: 'any' };

function fromOptions(options: streamsPb.BatchAppendReq.Options): PendingAppend['target'] {
  const deadline = options.getDeadline()?.toDate().getTime();
  return {
    stream: fromStreamIdentifier(options.getStreamIdentifier()),
    expected: fromExpectedRevision(
      options,
      options.hasStreamPosition() ? options.getStreamPosition() : undefined,
    ),
    ...(deadline === undefined ? {} : { deadlineMs: deadline }),
  };
}

/** Never rejects: what the store throws is an answer as well. */
async function settle(
  store: EventStore,
  { target, events }: PendingAppend,
): Promise<streamsPb.BatchAppendResp.Success | statusPb.Status> {
  const request = { ...target, events };
  try {
    return toOutcome(request, await store.append(request));
  } catch (error) {
    if (error instanceof AccessError) return batchErrors.accessDenied();
    return batchErrors.unknown(error instanceof Error ? error.message : String(error));
  }
}

function toOutcome(
  request: AppendRequest,
  result: AppendResult,
): streamsPb.BatchAppendResp.Success | statusPb.Status {
  switch (result.kind) {
    case 'appended':
      return toSuccess(result);
    case 'wrong-expected-revision':
      return batchErrors.wrongExpectedVersion(request.expected, result.current);
    case 'stream-deleted':
      return batchErrors.streamDeleted(request.stream);
    case 'timed-out':
      return batchErrors.timedOut();
    default:
      return result satisfies never;
  }
}

function toSuccess(result: AppendResult & { kind: 'appended' }) {
  const success = new streamsPb.BatchAppendResp.Success();
  if (result.current === 'no_stream') success.setNoStream(toGoogleEmpty());
  else success.setCurrentRevision(`${result.current}`);
  if (result.position === undefined) return success.setNoPosition(toGoogleEmpty());
  return success.setPosition(
    new sharedPb.AllStreamPosition()
      .setCommitPosition(`${result.position}`)
      .setPreparePosition(`${result.position}`),
  );
}

function toAnswer(
  { correlationId, target }: PendingAppend,
  outcome: streamsPb.BatchAppendResp.Success | statusPb.Status,
): streamsPb.BatchAppendResp {
  const answer = new streamsPb.BatchAppendResp()
    .setCorrelationId(correlationId)
    .setStreamIdentifier(toStreamIdentifier(target.stream));
  return outcome instanceof streamsPb.BatchAppendResp.Success
    ? answer.setSuccess(outcome)
    : answer.setError(outcome);
}
