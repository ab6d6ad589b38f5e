/** Links: events of type `$>` whose data `N@stream` points at another event. */
import type streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { type EventStore, LINK_TYPE, type RecordedEvent } from '../store.ts';
import { type ReadFormat, toReadEvent } from './events.ts';

const LINK = /^(\d{1,19})@(.+)$/s;

export interface LinkFormat extends ReadFormat {
  readonly resolvesLinks: boolean;
}

/** The message for one event; a link whose target is gone is sent without an event. */
export async function toResolvedEvent(
  store: EventStore,
  event: RecordedEvent,
  format: LinkFormat,
): Promise<streamsPb.ReadResp> {
  if (!format.resolvesLinks || event.type !== LINK_TYPE) {
    return toReadEvent(event, undefined, format);
  }
  const [, revision, stream] = LINK.exec(new TextDecoder().decode(event.data)) ?? [];
  const target =
    revision === undefined || stream === undefined
      ? undefined
      : await store.readEvent(stream, BigInt(revision));
  return toReadEvent(target, event, format);
}
