/** Delete (soft) and Tombstone, two unary calls of the same shape. */
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { DeleteRequest, EventStore } from '../store.ts';
import { invalidArgument, streamDeleted, timedOut, wrongExpectedVersion } from './errors.ts';
import { fromExpectedRevision, fromStreamIdentifier, toEmpty } from './identifiers.ts';

/** Hides every event of the stream until it is written again. */
export async function softDelete(
  store: EventStore,
  message: streamsPb.DeleteReq,
): Promise<streamsPb.DeleteResp> {
  const position = await apply(store, fromOptions(message.getOptions(), 'soft'));
  if (position === undefined) return new streamsPb.DeleteResp().setNoPosition(toEmpty());
  return new streamsPb.DeleteResp().setPosition(
    new streamsPb.DeleteResp.Position()
      .setCommitPosition(`${position}`)
      .setPreparePosition(`${position}`),
  );
}

/** Ends the stream for ever. */
export async function tombstone(
  store: EventStore,
  message: streamsPb.TombstoneReq,
): Promise<streamsPb.TombstoneResp> {
  const position = await apply(store, fromOptions(message.getOptions(), 'tombstone'));
  if (position === undefined) return new streamsPb.TombstoneResp().setNoPosition(toEmpty());
  return new streamsPb.TombstoneResp().setPosition(
    new streamsPb.TombstoneResp.Position()
      .setCommitPosition(`${position}`)
      .setPreparePosition(`${position}`),
  );
}

function fromOptions(
  options: streamsPb.DeleteReq.Options | streamsPb.TombstoneReq.Options | undefined,
  mode: DeleteRequest['mode'],
): DeleteRequest {
  if (options === undefined) throw invalidArgument('The options of the call are missing.');
  const stream = fromStreamIdentifier(options.getStreamIdentifier());
  const revision = options.hasRevision() ? options.getRevision() : undefined;
  return { stream, expected: fromExpectedRevision(options, revision), mode };
}

async function apply(store: EventStore, request: DeleteRequest): Promise<bigint | undefined> {
  const result = await store.delete(request);
  switch (result.kind) {
    case 'appended':
      return result.position;
    case 'wrong-expected-revision':
      throw wrongExpectedVersion(request.stream, request.expected, result.current);
    case 'stream-deleted':
      throw streamDeleted(request.stream);
    case 'timed-out':
      throw timedOut();
    default:
      return result satisfies never;
  }
}
