import { Consumer as Client, type MessagesStream } from '@platformatic/kafka';
import pRetry from 'p-retry';
import type { ServiceContext } from './service.ts';

/** Short, so that a member that died is noticed soon; the broker must allow it. */
const SESSION_TIMEOUT_MS = 2_000;
const HEARTBEAT_INTERVAL_MS = 500;
const REBALANCE_TIMEOUT_MS = 4_000;
const HEARTBEAT_STALL_MS = 4_000;
/** Longer than a rebalance, which the broker may let a join wait for. */
const REQUEST_TIMEOUT_MS = 6_000;
const CONNECT_TIMEOUT_MS = 1_000;
const FETCH_WAIT_MS = 1_000;
const FETCH_BYTES_MAX = 5_242_880;
const METADATA_AGE_MS_MAX = 30_000;
const RETRIES = 2;
const RETRY_DELAY_MS = 100;
const CLOSE_RETRIES = 3;

/** A static member of the group, which reads from where the group has got to. */
export function createClient(
  context: Pick<ServiceContext, 'instance'>,
  options: { readonly brokers: string; readonly group: string },
): Client {
  return new Client({
    clientId: context.instance,
    bootstrapBrokers: options.brokers.split(','),
    groupId: options.group,
    groupInstanceId: context.instance,
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_INTERVAL_MS,
    heartbeatStallTimeout: HEARTBEAT_STALL_MS,
    timeout: REQUEST_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    metadataMaxAge: METADATA_AGE_MS_MAX,
    retries: RETRIES,
    retryDelay: RETRY_DELAY_MS,
    autocommit: false,
    maxWaitTime: FETCH_WAIT_MS,
    maxBytes: FETCH_BYTES_MAX,
  });
}

/**
 * Ends a client for good. A `close` that fails leaves the client alive, and with its static
 * identity it would take the group back from its successor, which takes it back in turn: so its
 * connections go first. They never reopen, and the broker keeps the member's place for the
 * successor.
 */
export async function abandon(
  client: Client,
  stream: MessagesStream<Buffer, Buffer, Buffer, Buffer> | undefined,
): Promise<void> {
  await Promise.allSettled([client.connections.close(), stream?.connections.close()]);
  // The first attempt may fail on a stream that broke; the next one finds it gone.
  await pRetry(() => client.close(true), { retries: CLOSE_RETRIES, minTimeout: 50 });
}

/** Waits for clean-up that may fail or never end: what follows does not depend on it. */
export async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([Promise.allSettled([work]), late]).finally(() => clearTimeout(timer));
}
