/**
 * Failures of BatchAppend, which are messages and not gRPC errors: a google.rpc.Status of the
 * protocol's own, whose `details` is one Any and not a list.
 */
import codePb from '@eventstore/db-client/generated/code_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import statusPb from '@eventstore/db-client/generated/status_pb.js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import type { CurrentRevision, ExpectedRevision } from '../store.ts';
import { toGoogleEmpty, toStreamIdentifier } from './identifiers.ts';

/** The failures of one append of a BatchAppend call. */
export const batchErrors = {
  wrongExpectedVersion(expected: ExpectedRevision, current: CurrentRevision): statusPb.Status {
    const detail = new sharedPb.WrongExpectedVersion();
    if (current === 'no_stream') detail.setCurrentNoStream(toGoogleEmpty());
    else detail.setCurrentStreamRevision(`${current}`);
    if (expected === 'any') detail.setExpectedAny(toGoogleEmpty());
    else if (expected === 'no_stream') detail.setExpectedNoStream(toGoogleEmpty());
    else if (expected === 'stream_exists') detail.setExpectedStreamExists(toGoogleEmpty());
    else detail.setExpectedStreamPosition(`${expected}`);
    return batchError(codePb.Code.ALREADY_EXISTS, 'WrongExpectedVersion', detail);
  },
  streamDeleted(stream: string): statusPb.Status {
    const detail = new sharedPb.StreamDeleted().setStreamIdentifier(toStreamIdentifier(stream));
    return batchError(codePb.Code.NOT_FOUND, 'StreamDeleted', detail);
  },
  timedOut(): statusPb.Status {
    return batchError(codePb.Code.DEADLINE_EXCEEDED, 'Timeout', new sharedPb.Timeout());
  },
  accessDenied(): statusPb.Status {
    return batchError(codePb.Code.PERMISSION_DENIED, 'AccessDenied', new sharedPb.AccessDenied());
  },
  appendTooBig(bytesMax: number): statusPb.Status {
    const detail = new sharedPb.MaximumAppendSizeExceeded().setMaxappendsize(bytesMax);
    return batchError(codePb.Code.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', detail);
  },
  badRequest(message: string): statusPb.Status {
    const detail = new sharedPb.BadRequest().setMessage(message);
    return batchError(codePb.Code.INVALID_ARGUMENT, 'BadRequest', detail, message);
  },
  unknown(message: string): statusPb.Status {
    return batchError(codePb.Code.UNKNOWN, 'Unknown', new sharedPb.Unknown(), message);
  },
} as const;

function batchError(
  code: codePb.Code,
  name: string,
  detail: { serializeBinary(): Uint8Array },
  message: string = name,
): statusPb.Status {
  const any = new anyPb.Any();
  any.pack(detail.serializeBinary(), `event_store.client.${name}`);
  return new statusPb.Status().setCode(code).setMessage(message).setDetails(any);
}
