/** Append, the classic client-streaming call: one options message, then one message per event. */
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { AppendRequest, AppendResult, EventStore, ProposedEvent } from '../store.ts';
import { appendTooBig, invalidArgument, streamDeleted, timedOut } from './errors.ts';
import { fromProposedMessage, sizeBytes } from './events.ts';
import { fromExpectedRevision, fromStreamIdentifier, toEmpty } from './identifiers.ts';

/** Collects the messages of one call, appends them, and makes the answer. */
export async function append(
  store: EventStore,
  messages: AsyncIterable<streamsPb.AppendReq>,
  bytesMax: number,
): Promise<streamsPb.AppendResp> {
  const request = await collect(messages, bytesMax);
  const result = await store.append(request);
  switch (result.kind) {
    case 'appended':
      return toSuccess(result);
    case 'wrong-expected-revision':
      return toWrongExpectedVersion(request, result);
    case 'stream-deleted':
      throw streamDeleted(request.stream);
    case 'timed-out':
      throw timedOut();
    default:
      return result satisfies never;
  }
}

async function collect(
  messages: AsyncIterable<streamsPb.AppendReq>,
  bytesMax: number,
): Promise<AppendRequest> {
  let target: Pick<AppendRequest, 'stream' | 'expected'> | undefined;
  const events: ProposedEvent[] = [];
  let bytes = 0;
  for await (const message of messages) {
    const options = message.getOptions();
    if (options !== undefined) {
      target = {
        stream: fromStreamIdentifier(options.getStreamIdentifier()),
        expected: fromExpectedRevision(
          options,
          options.hasRevision() ? options.getRevision() : undefined,
        ),
      };
    }
    const proposed = message.getProposedMessage();
    if (proposed === undefined) continue;
    const event = fromProposedMessage(proposed);
    bytes += sizeBytes(event);
    if (bytes > bytesMax) throw appendTooBig(bytesMax);
    events.push(event);
  }
  if (target === undefined) throw invalidArgument('The options of the append are missing.');
  return { ...target, events };
}

function toSuccess(result: AppendResult & { kind: 'appended' }): streamsPb.AppendResp {
  const success = new streamsPb.AppendResp.Success();
  if (result.current === 'no_stream') success.setNoStream(toEmpty());
  else success.setCurrentRevision(`${result.current}`);
  if (result.position === undefined) success.setNoPosition(toEmpty());
  else {
    success.setPosition(
      new streamsPb.AppendResp.Position()
        .setCommitPosition(`${result.position}`)
        .setPreparePosition(`${result.position}`),
    );
  }
  return new streamsPb.AppendResp().setSuccess(success);
}

/** Fills the fields of before 20.6 as well, as the real server still does. */
function toWrongExpectedVersion(
  { expected }: AppendRequest,
  { current }: AppendResult & { kind: 'wrong-expected-revision' },
): streamsPb.AppendResp {
  const wrong = new streamsPb.AppendResp.WrongExpectedVersion();
  if (current === 'no_stream') {
    wrong.setCurrentNoStream(toEmpty()).setNoStream2060(toEmpty());
  } else {
    wrong.setCurrentRevision(`${current}`).setCurrentRevision2060(Number(current));
  }
  if (expected === 'any') wrong.setExpectedAny(toEmpty()).setAny2060(toEmpty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(toEmpty());
  else if (expected === 'stream_exists') {
    wrong.setExpectedStreamExists(toEmpty()).setStreamExists2060(toEmpty());
  } else {
    wrong.setExpectedRevision(`${expected}`).setExpectedRevision2060(Number(expected));
  }
  return new streamsPb.AppendResp().setWrongExpectedVersion(wrong);
}
