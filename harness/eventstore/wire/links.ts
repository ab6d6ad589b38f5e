/** Events of a read whose links are to be resolved. */
import type streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { resolveLink } from '../links.ts';
import type { EventStore, RecordedEvent } from '../store.ts';
import { type ReadFormat, toReadEvent } from './events.ts';

export interface LinkFormat extends ReadFormat {
  readonly resolvesLinks: boolean;
}

/** The message for one event; a link whose target is gone is sent without an event. */
export async function toResolvedEvent(
  store: EventStore,
  event: RecordedEvent,
  format: LinkFormat,
): Promise<streamsPb.ReadResp> {
  if (!format.resolvesLinks) return toReadEvent(event, undefined, format);
  const resolved = await resolveLink(store, event);
  return toReadEvent(resolved.event, resolved.link, format);
}
