/** A message of a group: an event on its way to a consumer, and how often it has been tried. */
import type { RecordedEvent } from '../store.ts';
import type { Addressed } from './strategies.ts';

export interface Message extends Addressed {
  /** What the consumer acknowledges: the id of the link if there is one, else of the event. */
  readonly id: string;
  readonly event: RecordedEvent | undefined;
  readonly link: RecordedEvent | undefined;
  readonly retryCount: number;
  /** Its number in the group's progress, or in that of the parked messages. */
  readonly number: number;
  readonly origin: 'source' | 'parked';
}

export function toMessage(
  resolved: Pick<Message, 'event' | 'link'>,
  place: Pick<Message, 'number' | 'origin'>,
): Message {
  const { event, link } = resolved;
  const original = link ?? event;
  if (original === undefined) throw new Error('A message has an event or a link.');
  const stream = (event ?? original).stream;
  return {
    ...place,
    id: original.id,
    event,
    link,
    retryCount: 0,
    stream,
    get correlation() {
      return correlationOf(event ?? original) ?? stream;
    },
  };
}

/** The next try of a message. */
export function retried(message: Message): Message {
  const { id, event, link, number, origin, stream, correlation } = message;
  const retryCount = message.retryCount + 1;
  return { id, event, link, number, origin, stream, correlation, retryCount };
}

function correlationOf({ metadata }: RecordedEvent): string | undefined {
  if (metadata.length === 0) return undefined;
  try {
    const json = JSON.parse(new TextDecoder().decode(metadata)) as Record<string, unknown> | null;
    const id = json?.['$correlationId'];
    return typeof id === 'string' ? id : undefined;
  } catch {
    // Metadata that is not JSON names no correlation.
    return undefined;
  }
}
