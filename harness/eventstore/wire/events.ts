/** Events, between protobuf and the port. */
import type persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import type sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { Map as ProtoMap } from 'google-protobuf';
import type { ProposedEvent, RecordedEvent } from '../store.ts';
import { missingEventProperty } from './errors.ts';
import { fromUuid, toEmpty, toStreamIdentifier, toUuid } from './identifiers.ts';

const JSON_TYPE = 'application/json';
const BINARY_TYPE = 'application/octet-stream';

interface ProposedMessage {
  getId(): sharedPb.UUID | undefined;
  getMetadataMap(): ProtoMap<string, string>;
  getCustomMetadata_asU8(): Uint8Array;
  getData_asU8(): Uint8Array;
}

/** One proposed event; throws when its id, type or content type is missing. */
export function fromProposedMessage(message: ProposedMessage): ProposedEvent {
  const properties = message.getMetadataMap();
  const type = properties.get('type');
  if (type === undefined) throw missingEventProperty('type');
  const contentType = properties.get('content-type');
  if (contentType === undefined) throw missingEventProperty('content-type');
  return {
    id: fromUuid(message.getId(), 'event id'),
    type,
    isJson: contentType === JSON_TYPE,
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

/** What the event counts for in the size limit of an append. */
export function sizeBytes(event: ProposedEvent): number {
  return event.data.length + event.metadata.length + 2 * event.type.length;
}

export interface ReadFormat {
  readonly hasStructuredIds: boolean;
}

/** An event, or a link with the event that it points at, as a message of Read. */
export function toReadEvent(
  event: RecordedEvent | undefined,
  link: RecordedEvent | undefined,
  format: ReadFormat,
): streamsPb.ReadResp {
  const content = new streamsPb.ReadResp.ReadEvent();
  const { RecordedEvent } = streamsPb.ReadResp.ReadEvent;
  if (event !== undefined) content.setEvent(toRecordedEvent(new RecordedEvent(), event, format));
  if (link !== undefined) content.setLink(toRecordedEvent(new RecordedEvent(), link, format));
  const original = link ?? event;
  if (original === undefined) content.setNoPosition(toEmpty());
  else content.setCommitPosition(`${original.position}`);
  return new streamsPb.ReadResp().setEvent(content);
}

type RecordedEventMessage =
  | streamsPb.ReadResp.ReadEvent.RecordedEvent
  | persistentPb.ReadResp.ReadEvent.RecordedEvent;

/** Fills the message of an event, which Read and persistent subscriptions have one each of. */
export function toRecordedEvent<Message extends RecordedEventMessage>(
  message: Message,
  event: RecordedEvent,
  format: ReadFormat,
): Message {
  message
    .setId(toUuid(event.id, format.hasStructuredIds))
    .setStreamIdentifier(toStreamIdentifier(event.stream))
    .setStreamRevision(`${event.revision}`)
    .setPreparePosition(`${event.position}`)
    .setCommitPosition(`${event.position}`)
    .setCustomMetadata(event.metadata)
    .setData(event.data);
  message
    .getMetadataMap()
    .set('type', event.type)
    .set('created', `${event.createdTicks}`)
    .set('content-type', event.isJson ? JSON_TYPE : BINARY_TYPE);
  return message;
}
