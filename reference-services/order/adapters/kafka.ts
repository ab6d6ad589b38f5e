import type { TopicValues } from '#avro/types.generated.ts';
import type { AnyReceived, Outgoing, Producer } from '#kit/kafka.ts';
import type { OrderApp } from '../app.ts';
import type { StoredCommand } from '../domain.ts';
import type { Bus, LoggedEvent, Meter } from '../ports.ts';

/** Consumer group of the participants' replies. */
export const GROUP = 'order';
export const REPLY_TOPICS = ['inventory.events', 'payment.events', 'shipping.events'] as const;
type ReplyTopic = (typeof REPLY_TOPICS)[number];

export const PUBLISHED_TOPICS = [
  'order.events',
  'inventory.commands',
  'payment.commands',
  'shipping.commands',
] as const;

/** Kafka as the place where stored events are published. */
export function kafkaBus(producer: Producer): Bus {
  return {
    probe: (timeoutMs) => producer.probe(timeoutMs),
    publish: (events) => producer.publish(events.flatMap(toMessages)),
  };
}

/** What a stored event stands for: one message, or none. Its id is the message's id. */
export function toMessages(event: LoggedEvent): Outgoing[] {
  const { id: messageId, fact, causationId, traceparent } = event;
  const { orderId, jobId, occurredAt } = fact;
  const envelope = { messageId, orderId, jobId, causationId, occurredAt };
  switch (fact.kind) {
    case 'public': {
      const { userId, sequence, payload } = fact;
      const value = { ...envelope, userId, sequence, payload };
      return [{ topic: 'order.events', key: orderId, value, traceparent }];
    }
    case 'command':
      return [{ ...commandMessage(fact, envelope), key: orderId, traceparent }];
    case 'wait':
      return [];
    default:
      return fact satisfies never;
  }
}

type Envelope = Omit<TopicValues['inventory.commands'], 'payload'>;

function commandMessage(
  { command }: StoredCommand,
  envelope: Envelope,
): Pick<Outgoing, 'topic' | 'value'> {
  switch (command.to) {
    case 'inventory':
      return { topic: 'inventory.commands', value: { ...envelope, payload: command.payload } };
    case 'payment':
      return { topic: 'payment.commands', value: { ...envelope, payload: command.payload } };
    case 'shipping':
      return { topic: 'shipping.commands', value: { ...envelope, payload: command.payload } };
    default:
      return command satisfies never;
  }
}

/** Hands what participants say to the order that it is about. */
export function receiveReplies(
  app: Pick<OrderApp, 'receive'>,
  meter: Pick<Meter, 'ignored'>,
): (message: AnyReceived<ReplyTopic>) => Promise<void> {
  return async ({ value }) => {
    const { orderId, messageId, causationId, payload } = value;
    if (orderId === null) {
      meter.ignored('not-about-an-order');
      return;
    }
    await app.receive(orderId, { kind: 'Reply', messageId, causationId, event: payload });
  };
}
