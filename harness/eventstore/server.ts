/** The server: its services, its users and its groups, on one port. */
import { randomUUID } from 'node:crypto';
import { Server, status } from '@grpc/grpc-js';
import { type Access, createOpenAccess, createUserAccess } from './access/access.ts';
import { type NewUser, UserDirectory } from './access/users.ts';
import { createRoutes } from './http/routes.ts';
import { type Listener, listen, type TlsOptions } from './listener.ts';
import { PersistentSubscriptions } from './persistent/registry.ts';
import { type EventStore, METADATA_TYPE, metastreamOf } from './store.ts';
import { APPEND_BYTES_MAX_DEFAULT, WireError } from './wire/errors.ts';
import type { Endpoint } from './wire/features.ts';
import { addServices } from './wire/services.ts';

/** 17 MiB: above the client's batches of 3 MiB, so that an oversized append gets its own error. */
const MESSAGE_BYTES_MAX = 17_825_792;
/** What a graceful stop waits for calls to end before it cuts them. */
const STOP_TIMEOUT_MS = 2_000;

export interface UserOptions {
  readonly adminPassword: string;
  readonly opsPassword: string;
  /** Further users, who are added unless they are there. */
  readonly others: readonly NewUser[];
}

export interface ServerOptions {
  readonly store: EventStore;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** What gossip tells discovering clients; what is absent is as listening. */
  readonly advertised?: Partial<Endpoint>;
  readonly tls?: TlsOptions;
  /** Absent when anybody may do anything. */
  readonly users?: UserOptions;
  readonly appendBytesMax?: number;
}

export interface EventStoreServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Ends subscriptions with CANCELLED, lets running calls finish, then closes. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts to serve this store; the store stays the caller's to close. */
export async function startEventStoreServer(options: ServerOptions): Promise<EventStoreServer> {
  const { store, host, appendBytesMax = APPEND_BYTES_MAX_DEFAULT } = options;
  const stopping = new AbortController();
  const grpc = new Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
  });
  let listening: Endpoint = { host, port: options.port };
  const advertised = () => ({ ...listening, ...options.advertised });
  await ensureSystemEvents(store);
  const { access, users } = await openAccess(store, options.users);
  const subscriptions = await PersistentSubscriptions.open(store);
  const node = { instanceId: randomUUID(), hasUsers: users !== undefined };
  const shared = { access, node, advertised, appendBytesMax };
  addServices(grpc, { ...shared, subscriptions, users, stopping: stopping.signal });
  const http = createRoutes(shared);
  const listener = await listen({ grpc, http, host, port: options.port, tls: options.tls });
  listening = { host, port: listener.port };
  return {
    host,
    port: listener.port,
    async [Symbol.asyncDispose]() {
      stopping.abort(new WireError(status.CANCELLED, 'The server is shutting down.'));
      await shutDown(grpc, listener);
      await subscriptions[Symbol.asyncDispose]();
    },
  };
}

async function openAccess(
  store: EventStore,
  options: UserOptions | undefined,
): Promise<{ access: Access; users: UserDirectory | undefined }> {
  if (options === undefined) return { access: createOpenAccess(store), users: undefined };
  const users = new UserDirectory(store);
  await users.ensureDefaults({ admin: options.adminPassword, ops: options.opsPassword });
  for (const user of options.others) await users.ensure(user);
  return { access: createUserAccess(store, users), users };
}

/**
 * A real server's `$all` begins with events of its own, such as the metadata of its statistics
 * stream; a consumer that stumbles over them is to stumble here and not in production.
 */
async function ensureSystemEvents(store: EventStore): Promise<void> {
  if ((await store.head()) > 0n) return;
  await store.append({
    stream: metastreamOf('$stats'),
    expected: 'no_stream',
    events: [
      {
        id: randomUUID(),
        type: METADATA_TYPE,
        isJson: true,
        data: Buffer.from('{"$maxAge":86400}'),
        metadata: new Uint8Array(),
      },
    ],
  });
}

async function shutDown(grpc: Server, listener: Listener): Promise<void> {
  listener.stop();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    grpc.forceShutdown();
    resolve();
  }, STOP_TIMEOUT_MS);
  grpc.tryShutdown(() => resolve());
  await promise;
  clearTimeout(timer);
}
