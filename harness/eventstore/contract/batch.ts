import { type EventData, EventStoreDBClient } from '@eventstore/db-client';
import codePb from '@eventstore/db-client/generated/code_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { status } from '@grpc/grpc-js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import timestampPb from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { expect, it } from 'vitest';
import {
  collect,
  type GetTarget,
  identifier,
  numbered,
  numbersOf,
  range,
  uniqueStream,
  within,
} from './target.ts';

interface Chunk {
  readonly correlationId: string;
  /** Absent in every chunk but the first. */
  readonly stream?: string;
  readonly deadline?: Date;
  readonly events: readonly EventData[];
  readonly isFinal: boolean;
}

function toRequest(chunk: Chunk): streamsPb.BatchAppendReq {
  const request = new streamsPb.BatchAppendReq()
    .setCorrelationId(new sharedPb.UUID().setString(chunk.correlationId))
    .setIsFinal(chunk.isFinal);
  if (chunk.stream !== undefined) {
    const options = new streamsPb.BatchAppendReq.Options()
      .setStreamIdentifier(identifier(chunk.stream))
      .setAny(new emptyPb.Empty());
    if (chunk.deadline) options.setDeadline(timestampPb.Timestamp.fromDate(chunk.deadline));
    request.setOptions(options);
  }
  for (const event of chunk.events) {
    const message = new streamsPb.BatchAppendReq.ProposedMessage()
      .setId(new sharedPb.UUID().setString(event.id))
      .setData(Buffer.from(JSON.stringify(event.data)));
    message.getMetadataMap().set('type', event.type).set('content-type', 'application/json');
    request.addProposedMessages(message);
  }
  return request;
}

/** Sends the chunks over one call, ends it, and gives the answers and the call's status. */
async function exchange(target: GetTarget, chunks: readonly Chunk[]) {
  const call = target().raw.batchAppend();
  const answers: streamsPb.BatchAppendResp[] = [];
  const ended = new Promise<status>((resolve) => {
    call.on('status', ({ code }) => resolve(code));
  });
  call.on('data', (answer: streamsPb.BatchAppendResp) => answers.push(answer));
  call.on('error', () => undefined);
  for (const chunk of chunks) call.write(toRequest(chunk));
  call.end();
  const code = await within('the call ends', ended);
  return { answers, code };
}

const ONE = '00000000-0000-4000-8000-000000000001';
const TWO = '00000000-0000-4000-8000-000000000002';

/** The duplex call beneath the client's default append. */
export function batchContract(target: GetTarget): void {
  it('puts an append together from chunks, whatever comes in between', async () => {
    const [stream, other] = [uniqueStream('chunks'), uniqueStream('chunks')];
    const { answers, code } = await exchange(target, [
      { correlationId: ONE, stream, events: numbered(2), isFinal: false },
      { correlationId: TWO, stream: other, events: numbered(1), isFinal: true },
      { correlationId: ONE, events: numbered(2, { first: 2 }), isFinal: false },
      { correlationId: ONE, events: numbered(1, { first: 4 }), isFinal: true },
    ]);
    expect(code).toBe(status.OK);
    const byId = new Map(answers.map((answer) => [answer.getCorrelationId()?.getString(), answer]));
    expect([...byId.keys()].toSorted()).toEqual([ONE, TWO]);
    expect(byId.get(ONE)?.getSuccess()?.getCurrentRevision()).toBe('4');
    expect(byId.get(TWO)?.getSuccess()?.getCurrentRevision()).toBe('0');
    const name = byId.get(ONE)?.getStreamIdentifier()?.getStreamName_asU8() ?? new Uint8Array();
    expect(new TextDecoder().decode(name)).toBe(stream);
    expect(numbersOf(await collect(target().client.readStream(stream)))).toEqual(range(5));
  });

  it('writes nothing of an append whose final chunk never came', async () => {
    const stream = uniqueStream('unfinished');
    const { answers } = await exchange(target, [
      { correlationId: ONE, stream, events: numbered(2), isFinal: false },
    ]);
    expect(answers).toEqual([]);
    const result = await target().client.appendToStream(stream, numbered(1));
    expect(result.nextExpectedRevision).toBe(0n);
  });

  it('ignores chunks of an append that it does not know', async () => {
    const stream = uniqueStream('unknown');
    const { answers, code } = await exchange(target, [
      { correlationId: TWO, events: numbered(1), isFinal: true },
      { correlationId: ONE, stream, events: numbered(1), isFinal: true },
    ]);
    expect(code).toBe(status.OK);
    expect(answers.map((answer) => answer.getCorrelationId()?.getString())).toEqual([ONE]);
  });

  it('answers an append after its deadline with Timeout, once, even when it is too big', async () => {
    const stream = uniqueStream('deadline');
    const deadline = new Date(Date.now() - 60_000);
    const { answers } = await exchange(target, [
      { correlationId: ONE, stream, deadline, events: numbered(40_000), isFinal: false },
      { correlationId: ONE, events: numbered(1), isFinal: true },
    ]);
    expect(answers).toHaveLength(1);
    expect(answers[0]?.getError()?.getCode()).toBe(codePb.Code.DEADLINE_EXCEEDED);
    expect(answers[0]?.getError()?.getDetails()?.getTypeName()).toBe('event_store.client.Timeout');
  });

  it('accepts a thousand events that the client sends in many chunks', async () => {
    const { client } = target();
    const stream = uniqueStream('thousand');
    const result = await client.appendToStream(stream, numbered(1_000), { batchAppendSize: 1_024 });
    expect(result.nextExpectedRevision).toBe(999n);
    expect(numbersOf(await collect(client.readStream(stream)))).toEqual(range(1_000));
  });

  it('lets a client that wants no exception see the failure as a result', async () => {
    const client = EventStoreDBClient.connectionString(
      `${target().connectionString}&throwOnAppendFailure=false`,
    );
    const stream = uniqueStream('no-throw');
    const result = await client.appendToStream(stream, numbered(1), { expectedRevision: 5n });
    expect(result).toMatchObject({ success: false, nextExpectedRevision: -1n });
    await client.dispose();
  });
}
