/** Read of a persistent subscription: messages one way, acknowledgements the other. */
import persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import type { NackAction } from '../persistent/group.ts';
import type { Message } from '../persistent/messages.ts';
import type { Connection, PersistentSubscriptions } from '../persistent/registry.ts';
import type { GroupKey } from '../persistent/settings.ts';
import { invalidArgument } from './errors.ts';
import { toRecordedEvent } from './events.ts';
import { fromUuid, toEmpty } from './identifiers.ts';
import { fromKey } from './persistent-settings.ts';

/** Bounds the memory of one consumer: each message can have 1 MiB. */
const BUFFER_SIZE_MAX = 10_000;
const BUFFER_SIZE_DEFAULT = 10;

export interface PersistentReadOptions {
  readonly subscriptions: PersistentSubscriptions;
  readonly messages: AsyncIterable<persistentPb.ReadReq>;
  readonly caller: {
    readonly connectionName: string;
    readonly username: string;
    readonly from: string;
  };
  /** Throws when the caller may not read this source. */
  readonly authorize: (key: GroupKey) => Promise<void>;
  readonly send: (message: persistentPb.ReadResp) => void;
  /** Ends the call with this error. */
  readonly drop: (error: Error) => void;
}

/** Serves one consumer until it ends its side of the call. */
export async function readPersistent(options: PersistentReadOptions): Promise<void> {
  let connection: Connection | undefined;
  try {
    for await (const message of options.messages) {
      if (connection === undefined) connection = await open(options, message.getOptions());
      else receive(connection, message);
    }
  } finally {
    connection?.close();
  }
}

async function open(
  { subscriptions, caller, authorize, send, drop }: PersistentReadOptions,
  message: persistentPb.ReadReq.Options | undefined,
): Promise<Connection> {
  const key = fromKey(message);
  await authorize(key);
  const hasStructuredIds = message?.getUuidOption()?.hasStructured() ?? false;
  const asked = message?.getBufferSize() ?? 0;
  const bufferSize = Math.min(asked > 0 ? asked : BUFFER_SIZE_DEFAULT, BUFFER_SIZE_MAX);
  // The confirmation has to come first, and a connection sends waiting messages at once.
  subscriptions.info(key);
  const early: Message[] = [];
  let isConfirmed = false;
  const deliver = (item: Message) => send(toEvent(item, hasStructuredIds));
  const connection = subscriptions.connect(key, {
    ...caller,
    bufferSize,
    send: (item) => (isConfirmed ? deliver(item) : early.push(item)),
    drop,
  });
  isConfirmed = true;
  send(toConfirmation(key));
  for (const item of early) deliver(item);
  return connection;
}

function receive(connection: Connection, message: persistentPb.ReadReq): void {
  const toId = (id: Parameters<typeof fromUuid>[0]) => fromUuid(id, 'event id');
  const ack = message.getAck();
  if (ack !== undefined) {
    connection.ack(ack.getIdsList().map(toId));
    return;
  }
  const nack = message.getNack();
  if (nack === undefined) throw invalidArgument('The message is neither an ack nor a nack.');
  connection.nack(nack.getIdsList().map(toId), fromAction(nack.getAction()), nack.getReason());
}

/** Stop is what the real server makes of it: the message is not tried again. */
function fromAction(action: persistentPb.ReadReq.Nack.Action): NackAction {
  const { Action } = persistentPb.ReadReq.Nack;
  if (action === Action.PARK) return 'park';
  return action === Action.SKIP || action === Action.STOP ? 'skip' : 'retry';
}

function toConfirmation({ source, group }: GroupKey): persistentPb.ReadResp {
  return new persistentPb.ReadResp().setSubscriptionConfirmation(
    new persistentPb.ReadResp.SubscriptionConfirmation().setSubscriptionId(`${source}::${group}`),
  );
}

function toEvent(message: Message, hasStructuredIds: boolean): persistentPb.ReadResp {
  const content = new persistentPb.ReadResp.ReadEvent();
  const format = { hasStructuredIds };
  const { RecordedEvent } = persistentPb.ReadResp.ReadEvent;
  const { event, link } = message;
  if (event !== undefined) content.setEvent(toRecordedEvent(new RecordedEvent(), event, format));
  if (link !== undefined) content.setLink(toRecordedEvent(new RecordedEvent(), link, format));
  const original = link ?? event;
  if (original === undefined) content.setNoPosition(toEmpty());
  else content.setCommitPosition(`${original.position}`);
  return new persistentPb.ReadResp().setEvent(content.setRetryCount(message.retryCount));
}
