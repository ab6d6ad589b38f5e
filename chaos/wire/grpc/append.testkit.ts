/** An append that is the only message of its call, which ends with it; the client has no such. */
import { randomUUID } from 'node:crypto';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { credentials } from '@grpc/grpc-js';
import googleEmptyPb from 'google-protobuf/google/protobuf/empty_pb.js';

/** @returns the revision of the stream afterwards */
export async function appendAlone(port: number, stream: string, id: string): Promise<string> {
  const client = new StreamsClient(`127.0.0.1:${port}`, credentials.createInsecure());
  try {
    const call = client.batchAppend();
    call.end(requestOf(stream, id));
    for await (const answer of call) {
      const { success } = (answer as streamsPb.BatchAppendResp).toObject();
      return String(success?.currentRevision);
    }
    throw new Error('the call ended without an answer');
  } finally {
    client.close();
  }
}

function requestOf(stream: string, id: string): streamsPb.BatchAppendReq {
  const event = new streamsPb.BatchAppendReq.ProposedMessage()
    .setId(new sharedPb.UUID().setString(randomUUID()))
    .setData(Buffer.from(JSON.stringify({ id })))
    .setCustomMetadata(Buffer.from('{}'));
  event.getMetadataMap().set('type', 'OrderPlaced').set('content-type', 'application/json');
  return new streamsPb.BatchAppendReq()
    .setCorrelationId(new sharedPb.UUID().setString(randomUUID()))
    .setOptions(
      new streamsPb.BatchAppendReq.Options()
        .setStreamIdentifier(new sharedPb.StreamIdentifier().setStreamName(Buffer.from(stream)))
        .setAny(new googleEmptyPb.Empty()),
    )
    .setProposedMessagesList([event])
    .setIsFinal(true);
}
