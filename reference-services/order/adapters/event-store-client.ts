import { randomUUID } from 'node:crypto';
import { type EventData, EventStoreDBClient } from '@eventstore/db-client';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import googleEmptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import timestampPb from 'google-protobuf/google/protobuf/timestamp_pb.js';
import type { Revision } from '../ports.ts';

/** Finds a dead connection; the client takes nothing shorter without a warning. */
const KEEP_ALIVE_INTERVAL_MS = 10_000;
const KEEP_ALIVE_TIMEOUT_MS = 2_000;
/** Full name of the answer to an append that expected another revision. */
const WRONG_EXPECTED_VERSION = 'event_store.client.WrongExpectedVersion';
/** The server's word that it had not written the append by its deadline, and will not. */
const TIMEOUT = 'event_store.client.Timeout';

/** The store refused an append, and not because of its revision. */
export class AppendRefused extends Error {
  readonly code: 'timeout' | 'refused';
  constructor(code: 'timeout' | 'refused', message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The published client with an append that is one message of a call of its own. Its own two ways to
 * append are not fit for what happens to links here: the classic one sends event by event, so that
 * a call that is given up may be taken for a shorter append; the batch one has no deadline, and
 * keeps what waits in one table of the process, whose entries a second client's failure takes away.
 * The ADR on appends has the whole story.
 */
export class AtomicClient extends EventStoreDBClient {
  /** @param url `esdb://[user:password@]host:port[?tls=false]`; connects when it is first used */
  static of(url: string): AtomicClient {
    const { host, username, password, searchParams } = new URL(url);
    const credentials = {
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
    };
    return new AtomicClient(
      {
        endpoint: host,
        keepAliveInterval: KEEP_ALIVE_INTERVAL_MS,
        keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      },
      { insecure: searchParams.get('tls') === 'false' },
      username === '' ? undefined : credentials,
    );
  }

  /** All of the events or none. The store does not write them after the deadline. */
  appendAtOnce(
    stream: string,
    expected: Revision | 'any',
    events: readonly EventData[],
    deadlineMs: number,
  ): Promise<Revision | 'conflict'> {
    const request = requestOf(stream, expected, events, this.createDeadline(deadlineMs));
    return this.execute(
      StreamsClient,
      'appendAtOnce',
      (client) =>
        new Promise((resolve, reject) => {
          const call = client.batchAppend(...this.callArguments({ deadline: deadlineMs }));
          let isAnswered = false;
          call.on('data', (answer: streamsPb.BatchAppendResp) => {
            isAnswered = true;
            settle(answer, resolve, reject);
          });
          call.on('error', reject);
          call.on('end', () => {
            if (!isAnswered) reject(new AppendRefused('timeout', 'the call ended unanswered'));
          });
          call.end(request);
        }),
    );
  }

  /**
   * Closes the connection; calls under way run out by themselves. Cancelling them, as `dispose`
   * does, would end a read as if all had been read. Never rejects.
   */
  async closeConnection(): Promise<void> {
    try {
      (await this.getChannel()).close();
    } catch {
      // It was closed already, by the client itself.
    }
  }
}

function settle(
  answer: streamsPb.BatchAppendResp,
  resolve: (revision: Revision | 'conflict') => void,
  reject: (error: unknown) => void,
): void {
  const error = answer.getError();
  if (error === undefined) {
    resolve(BigInt(answer.getSuccess()?.getCurrentRevision() ?? 0));
    return;
  }
  const type = error.getDetails()?.getTypeName();
  if (type === WRONG_EXPECTED_VERSION) resolve('conflict');
  else reject(new AppendRefused(type === TIMEOUT ? 'timeout' : 'refused', error.getMessage()));
}

function requestOf(
  stream: string,
  expected: Revision | 'any',
  events: readonly EventData[],
  deadline: Date,
): streamsPb.BatchAppendReq {
  const options = new streamsPb.BatchAppendReq.Options()
    .setStreamIdentifier(new sharedPb.StreamIdentifier().setStreamName(Buffer.from(stream)))
    .setDeadline(timestampPb.Timestamp.fromDate(deadline));
  if (expected === 'any') options.setAny(new googleEmptyPb.Empty());
  else if (expected === 'no-stream') options.setNoStream(new googleEmptyPb.Empty());
  else options.setStreamPosition(String(expected));
  return new streamsPb.BatchAppendReq()
    .setCorrelationId(new sharedPb.UUID().setString(randomUUID()))
    .setOptions(options)
    .setProposedMessagesList(events.map(proposed))
    .setIsFinal(true);
}

function proposed({ id, type, contentType, data, metadata }: EventData) {
  const message = new streamsPb.BatchAppendReq.ProposedMessage()
    .setId(new sharedPb.UUID().setString(id))
    .setData(Buffer.from(JSON.stringify(data)))
    .setCustomMetadata(Buffer.from(JSON.stringify(metadata ?? {})));
  message.getMetadataMap().set('type', type).set('content-type', contentType);
  return message;
}
