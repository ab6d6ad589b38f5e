import { validate as isUuid, v5 as uuidv5 } from 'uuid';
import type { TopicValues } from '#avro/types.generated.ts';
import type { Codec } from './avro.ts';
import { PoisonMessage } from './errors.ts';
import { kafkaConsumer, type Producer, sideBySide } from './kafka.ts';
import { appendOutbox, claimMessage } from './outbox.ts';
import type { Transaction } from './postgres.ts';
import type { Clock, ServiceContext } from './service.ts';

/** The services that the sagas command. */
export type ParticipantName = 'inventory' | 'payment' | 'shipping';
export type CommandOf<N extends ParticipantName> = TopicValues[`${N}.commands`];
export type EventOf<N extends ParticipantName> = TopicValues[`${N}.events`];
type AnyCommand = CommandOf<ParticipantName>;

/** What every participant's unit of work can do besides its own effects. */
export interface ReplyUnit<N extends ParticipantName> {
  /** False when the message had its effect before; its reply is published already, then. */
  claim(messageId: string): Promise<boolean>;
  /** Publishes when, and only when, the unit of work takes effect. */
  publish(key: string, event: EventOf<N>): Promise<void>;
}

/** A reply unit on a Postgres transaction. */
export function replyUnit<N extends ParticipantName>(
  tx: Transaction,
  codec: Codec,
  name: N,
): ReplyUnit<N> {
  return {
    claim: (messageId) => claimMessage(tx, messageId),
    publish: (key, event) =>
      appendOutbox(tx, codec, {
        topic: `${name}.events` as const,
        key,
        value: event as TopicValues[`${N}.events`],
      }),
  };
}

/**
 * Gives a command its effect and its one reply, together, or nothing when it had them before.
 *
 * @param work.load locks what the command is about; sent together with the claim
 * @param work.decide has the effect and says what the reply says
 */
export async function answerOnce<N extends ParticipantName, Loaded>(
  unit: ReplyUnit<N>,
  command: CommandOf<N>,
  clock: Clock,
  work: {
    load(): Promise<Loaded>;
    decide(loaded: Loaded): Promise<EventOf<N>['payload']>;
  },
): Promise<void> {
  const [isFirst, loaded] = await Promise.all([unit.claim(command.messageId), work.load()]);
  if (!isFirst) return;
  const payload = await work.decide(loaded);
  const { jobId, orderId, messageId } = command;
  const reply = {
    // Made from the command, so that a reply keeps its id however often it is sent.
    messageId: uuidv5(payload.type, messageId),
    jobId,
    orderId,
    causationId: messageId,
    occurredAt: clock.now(),
    payload,
  };
  await unit.publish(orderId, reply as EventOf<N>);
}

/** An event that answers no command. */
export function announcement<N extends ParticipantName>(
  messageId: string,
  orderId: string | null,
  occurredAt: number,
  payload: EventOf<N>['payload'],
): EventOf<N> {
  return { messageId, jobId: null, orderId, causationId: null, occurredAt, payload } as EventOf<N>;
}

/** Consumes a participant's commands; one that cannot be meant goes to the dead-letter topic. */
export async function consumeCommands<N extends ParticipantName>(
  context: ServiceContext,
  options: {
    readonly name: N;
    readonly brokers: string;
    readonly codec: Codec;
    readonly producer: Producer;
    /** What is wrong with a command's payload; undefined when nothing is. */
    flawOf(payload: CommandOf<N>['payload']): string | undefined;
    handle(command: CommandOf<N>): Promise<void>;
  },
): Promise<void> {
  const { name, brokers, codec, producer } = options;
  await kafkaConsumer(context, {
    brokers,
    group: name,
    topics: [`${name}.commands` as const],
    codec,
    producer,
    ...sideBySide(commandHandler<N>(options)),
  });
}

/** Hands on what can be meant. */
export function commandHandler<N extends ParticipantName>(to: {
  flawOf(payload: CommandOf<N>['payload']): string | undefined;
  handle(command: CommandOf<N>): Promise<void>;
}): (message: { readonly value: AnyCommand }) => Promise<void> {
  return async ({ value }) => {
    const command = value as CommandOf<N>;
    const flaw = flawOfIds(command) ?? to.flawOf(command.payload);
    if (flaw !== undefined) throw new PoisonMessage('invalid-message', { detail: flaw });
    await to.handle(command);
  };
}

function flawOfIds(command: AnyCommand): string | undefined {
  const ids = ['messageId', 'jobId', 'orderId'] as const;
  const wrong = ids.find((name) => !isUuid(command[name]));
  return wrong === undefined ? undefined : `${wrong} is not a UUID`;
}
