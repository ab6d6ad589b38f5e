/** Links: events of type `$>` whose data `N@stream` points at another event. */
import { type EventStore, LINK_TYPE, type RecordedEvent } from './store.ts';

const LINK = /^(\d{1,19})@(.+)$/s;

export interface ResolvedEvent {
  /** Absent when the link's target is gone. */
  readonly event: RecordedEvent | undefined;
  readonly link: RecordedEvent | undefined;
}

/** The event that is meant, and the link to it if there is one. */
export async function resolveLink(store: EventStore, event: RecordedEvent): Promise<ResolvedEvent> {
  if (event.type !== LINK_TYPE) return { event, link: undefined };
  const [, revision, stream] = LINK.exec(new TextDecoder().decode(event.data)) ?? [];
  if (revision === undefined || stream === undefined) return { event: undefined, link: event };
  return { event: await store.readEvent(stream, BigInt(revision)), link: event };
}

/** The data of a link to this event. */
export function linkTo({ revision, stream }: RecordedEvent): Uint8Array {
  return new TextEncoder().encode(`${revision}@${stream}`);
}
