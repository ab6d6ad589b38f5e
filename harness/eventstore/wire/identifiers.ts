/** Stream names, UUIDs and revisions, between protobuf and the port. */
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import type { ExpectedRevision } from '../store.ts';
import { isUuid, uuidFromBytes, uuidToBytes } from '../uuid.ts';
import { invalidArgument } from './errors.ts';

/** 1 KiB: names are indexed, and echoed in headers. */
const STREAM_NAME_BYTES_MAX = 1_024;
const UUID_BYTES = 16;
const NIL_UUID = '00000000-0000-0000-0000-000000000000';

export const toEmpty = () => new sharedPb.Empty();
export const toGoogleEmpty = () => new emptyPb.Empty();

export function toStreamIdentifier(stream: string): sharedPb.StreamIdentifier {
  return new sharedPb.StreamIdentifier().setStreamName(new TextEncoder().encode(stream));
}

/** The stream's name; a missing, empty or overlong one is the caller's mistake. */
export function fromStreamIdentifier(identifier: sharedPb.StreamIdentifier | undefined): string {
  const bytes = identifier?.getStreamName_asU8() ?? new Uint8Array();
  if (bytes.length === 0) throw invalidArgument('The stream identifier is missing.');
  if (bytes.length > STREAM_NAME_BYTES_MAX) {
    throw invalidArgument(`The stream name is longer than ${STREAM_NAME_BYTES_MAX} bytes.`);
  }
  return new TextDecoder().decode(bytes);
}

/** A UUID in the form that the reader asked for. */
export function toUuid(id: string, isStructured: boolean): sharedPb.UUID {
  if (!isStructured) return new sharedPb.UUID().setString(id);
  const bytes = uuidToBytes(id);
  return new sharedPb.UUID().setStructured(
    new sharedPb.UUID.Structured()
      .setMostSignificantBits(`${bytes.readBigInt64BE(0)}`)
      .setLeastSignificantBits(`${bytes.readBigInt64BE(8)}`),
  );
}

/** A UUID in lower case, from either form. */
export function fromUuid(uuid: sharedPb.UUID | undefined, what: string): string {
  const id = uuid === undefined ? '' : readUuid(uuid).toLowerCase();
  if (!isUuid(id) || id === NIL_UUID) throw invalidArgument(`The ${what} is not a UUID: '${id}'.`);
  return id;
}

function readUuid(uuid: sharedPb.UUID): string {
  const structured = uuid.getStructured();
  if (structured === undefined) return uuid.getString();
  const bytes = Buffer.alloc(UUID_BYTES);
  bytes.writeBigInt64BE(BigInt(structured.getMostSignificantBits()), 0);
  bytes.writeBigInt64BE(BigInt(structured.getLeastSignificantBits()), 8);
  return uuidFromBytes(bytes);
}

interface ExpectedRevisionOption {
  hasNoStream(): boolean;
  hasAny(): boolean;
  hasStreamExists(): boolean;
}

/** The oneof that Append, Delete, Tombstone and BatchAppend share, except for the number's name. */
export function fromExpectedRevision(
  option: ExpectedRevisionOption,
  revision: string | undefined,
): ExpectedRevision {
  if (revision !== undefined) return BigInt(revision);
  if (option.hasNoStream()) return 'no_stream';
  if (option.hasStreamExists()) return 'stream_exists';
  if (option.hasAny()) return 'any';
  throw invalidArgument('The expected revision is missing.');
}
