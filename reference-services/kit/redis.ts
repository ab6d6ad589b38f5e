import { Redis } from 'ioredis';
import { OperationalError } from './errors.ts';
import type { ServiceContext } from './service.ts';

const CONNECT_TIMEOUT_MS = 1_000;
const COMMAND_TIMEOUT_MS = 2_000;
const RECONNECT_DELAY_MS_MIN = 50;
const RECONNECT_DELAY_MS_MAX = 500;

/** Never set. */
const PROBE_KEY = 'readiness-probe';
/** What ioredis takes for: reconnect, and do not repeat the command. */
const RECONNECT = 1;
const LOST_ROLE = /^(READONLY|MASTERDOWN)/;

/**
 * A Redis client that answers or fails, and never waits: commands have a deadline, nothing is
 * queued while there is no connection, and it reconnects by itself. Wrap what uses it in
 * `redisCall`, which turns its errors into `unavailable`.
 *
 * Resolves without waiting for the server; the health check `redis` says whether it is there.
 */
export async function redisClient(
  context: ServiceContext,
  url: string,
  options: { readonly name?: string } = {},
): Promise<Redis> {
  const name = options.name ?? 'redis';
  const client = new Redis(url, {
    connectionName: context.instance,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // A command whose answer did not come is the caller's to repeat: it may have had its effect.
    autoResendUnfulfilledCommands: false,
    // A server that became a replica, or has stale data: the address may lead to another one now.
    reconnectOnError: (error) => (LOST_ROLE.test(error.message) ? RECONNECT : false),
    retryStrategy: (attempt) =>
      Math.min(RECONNECT_DELAY_MS_MIN * 2 ** Math.min(attempt, 10), RECONNECT_DELAY_MS_MAX),
  });
  client.on('error', (error: Error) => context.log.warn({ err: error }, `${name} is not there`));
  context.resources.defer(() => client.disconnect());
  // A write that changes nothing: a server that refuses writes answers PING all the same.
  context.health.add(name, async () => {
    await client.del(PROBE_KEY);
  });
  await firstConnection(client);
  return client;
}

/** So that a service whose Redis is there does not fail its first command. */
async function firstConnection(client: Redis): Promise<void> {
  await new Promise<void>((resolve) => {
    client.once('ready', resolve);
    client.once('error', () => resolve());
  });
}

/** Runs commands; whatever goes wrong on the way to Redis and back becomes `unavailable`. */
export async function redisCall<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // The server's own replies (a wrong type, a script's mistake) are bugs, not absences.
    if (error instanceof Error && error.name === 'ReplyError' && !isNotReady(error)) throw error;
    throw new OperationalError('unavailable', { detail: 'Redis did not answer', cause: error });
  }
}

const isNotReady = (error: Error): boolean =>
  /^(LOADING|BUSY|MASTERDOWN|READONLY|CLUSTERDOWN|OOM|NOREPLICAS|MISCONF|TRYAGAIN)/.test(
    error.message,
  );

/** A Lua script, sent by its hash once the server knows it. */
export type Script = (
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<unknown>;

/**
 * Makes a Lua script callable. It runs atomically on the server.
 *
 * @param keys how many keys it takes
 */
export function defineScript(client: Redis, name: string, lua: string, keys: number): Script {
  client.defineCommand(name, { lua, numberOfKeys: keys });
  const commands = client as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  return (given, args) =>
    redisCall(() => {
      const command = commands[name];
      if (command === undefined) throw new Error(`the script ${name} is not defined`);
      return command.call(client, ...given, ...args);
    });
}
