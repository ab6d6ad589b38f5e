/** The gRPC server: which call goes where, and the one place where failures become statuses. */
import { randomUUID } from 'node:crypto';
import { type EventEmitter, once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type StatusObject,
  status,
} from '@grpc/grpc-js';
import {
  type EventStore,
  METADATA_TYPE,
  metastreamOf,
  StoreError,
  type StoreErrorCode,
} from './store.ts';
import { append } from './wire/append.ts';
import { batchAppend } from './wire/batch-append.ts';
import { softDelete, tombstone } from './wire/delete.ts';
import { WireError } from './wire/errors.ts';
import { createClusterInfo, type Endpoint, supportedMethods } from './wire/features.ts';
import { fromReadOptions, read } from './wire/read.ts';
import { subscribe } from './wire/subscription.ts';

/** 17 MiB: above the client's batches of 3 MiB, so that an oversized append gets its own error. */
const MESSAGE_BYTES_MAX = 17_825_792;
/** What a graceful stop waits for calls to end before it cuts them. */
const STOP_TIMEOUT_MS = 2_000;

const STORE_ERROR_STATUS: Readonly<Record<StoreErrorCode, status>> = {
  'data-in-use': status.INTERNAL,
  'data-unknown-format': status.INTERNAL,
  'write-failed': status.INTERNAL,
  overloaded: status.RESOURCE_EXHAUSTED,
  closed: status.UNAVAILABLE,
};

export interface ServerOptions {
  readonly store: EventStore;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** What gossip tells discovering clients; what is absent is as listening. */
  readonly advertised?: Partial<Endpoint>;
}

export interface EventStoreServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Ends subscriptions with CANCELLED, lets running calls finish, then closes. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts to serve this store; the store stays the caller's to close. */
export async function startEventStoreServer(options: ServerOptions): Promise<EventStoreServer> {
  const stopping = new AbortController();
  const server = new Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
  });
  let listening: Endpoint = { host: options.host, port: options.port };
  const clusterInfo = createClusterInfo(() => ({ ...listening, ...options.advertised }));
  server.addService(StreamsService, streamsHandlers(options.store, stopping.signal));
  server.addService(GossipService, { read: unary(async () => clusterInfo()) });
  server.addService(ServerFeaturesService, {
    getSupportedMethods: unary(async () => supportedMethods()),
  });
  await ensureSystemEvents(options.store);
  const port = await bind(server, options);
  listening = { host: options.host, port };
  return {
    host: options.host,
    port,
    async [Symbol.asyncDispose]() {
      stopping.abort(new WireError(status.CANCELLED, 'The server is shutting down.'));
      await shutDown(server);
    },
  };
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

function streamsHandlers(store: EventStore, stopping: AbortSignal) {
  const readCall: handleServerStreamingCall<streamsPb.ReadReq, streamsPb.ReadResp> = (call) => {
    const signal = AbortSignal.any([goneSignal(call), stopping]);
    const send = createSender<streamsPb.ReadResp>(call, signal);
    const serve = async () => {
      const request = fromReadOptions(call.request.getOptions());
      if (request.maxCount === undefined) await subscribe(store, request, send, signal);
      else await read(store, request, send);
    };
    void serve().then(
      () => call.end(),
      (error: unknown) => call.emit('error', toGrpcError(error)),
    );
  };
  const batchCall: handleBidiStreamingCall<streamsPb.BatchAppendReq, streamsPb.BatchAppendResp> = (
    call,
  ) => {
    const gone = goneSignal(call);
    const signal = AbortSignal.any([gone, stopping]);
    // A stop ends the input only: what was appended by then is still acknowledged.
    const messages = untilAborted<streamsPb.BatchAppendReq>(call, signal);
    const serve = async () => {
      await batchAppend(store, messages, createSender(call, gone));
      signal.throwIfAborted();
    };
    void serve().then(
      () => call.end(),
      (error: unknown) => call.emit('error', toGrpcError(error)),
    );
  };
  const appendCall: handleClientStreamingCall<streamsPb.AppendReq, streamsPb.AppendResp> = (
    call,
    callback,
  ) => {
    void append(store, untilWhole(call, goneSignal(call))).then(
      (answer) => callback(null, answer),
      (error: unknown) => callback(toGrpcError(error)),
    );
  };
  return {
    read: readCall,
    append: appendCall,
    batchAppend: batchCall,
    delete: unary((request: streamsPb.DeleteReq) => softDelete(store, request)),
    tombstone: unary((request: streamsPb.TombstoneReq) => tombstone(store, request)),
  };
}

function unary<Request, Answer>(
  handle: (request: Request) => Promise<Answer>,
): handleUnaryCall<Request, Answer> {
  return (call, callback) => {
    void handle(call.request).then(
      (answer) => callback(null, answer),
      (error: unknown) => callback(toGrpcError(error)),
    );
  };
}

/** Aborts when the caller cancelled or its connection broke. */
function goneSignal(call: EventEmitter): AbortSignal {
  const gone = new AbortController();
  call.once('cancelled', () => gone.abort(new WireError(status.CANCELLED, 'The caller is gone.')));
  return gone.signal;
}

/**
 * The messages of a call until it ends or the signal aborts. Leaving off early does not close the
 * call, as leaving a loop over the stream itself would: the answer goes out over the same call.
 */
async function* untilAborted<Message>(
  call: Readable,
  signal: AbortSignal,
): AsyncGenerator<Message, void> {
  const messages: AsyncIterator<Message> = call[Symbol.asyncIterator]();
  let stop = () => {};
  signal.addEventListener('abort', () => stop(), { once: true });
  while (!signal.aborted) {
    // A race with one promise for the whole call would keep a reaction per message for ever.
    const next = await new Promise<IteratorResult<Message> | undefined>((resolve, reject) => {
      stop = () => resolve(undefined);
      messages.next().then(resolve, reject);
    });
    if (next === undefined || next.done === true) return;
    yield next.value;
  }
}

/**
 * The messages of a call that is worth something only when all of them came: throws when the call
 * broke. A broken call ends like a complete one, and is marked as cancelled only afterwards.
 */
async function* untilWhole<Message>(
  call: Readable,
  gone: AbortSignal,
): AsyncGenerator<Message, void> {
  yield* untilAborted<Message>(call, gone);
  await new Promise((resolve) => setImmediate(resolve));
  gone.throwIfAborted();
}

/**
 * Sends messages, and waits while the peer takes no more: flow control is what bounds the memory of
 * a call. The appends of one call answer side by side, so they share one wait.
 */
function createSender<Message>(
  call: Writable & { write(message: Message): boolean },
  signal: AbortSignal,
): (message: Message) => Promise<void> {
  let drained: Promise<unknown> | undefined;
  return async (message) => {
    signal.throwIfAborted();
    if (call.write(message)) return;
    drained ??= once(call, 'drain', { signal }).finally(() => {
      drained = undefined;
    });
    await drained.catch((error: unknown) => {
      throw signal.aborted ? signal.reason : error;
    });
  };
}

function toGrpcError(error: unknown): Error & Partial<StatusObject> {
  if (error instanceof WireError) return Object.assign(error, error.status);
  const details = error instanceof Error ? error.message : String(error);
  const code = error instanceof StoreError ? STORE_ERROR_STATUS[error.code] : status.INTERNAL;
  return Object.assign(new Error(details), { code, details });
}

function bind(server: Server, { host, port }: ServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(new Error(`Cannot listen on ${host}:${port}: ${error.message}`));
    });
  });
}

async function shutDown(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    server.forceShutdown();
    resolve();
  }, STOP_TIMEOUT_MS);
  server.tryShutdown(() => resolve());
  await promise;
  clearTimeout(timer);
}
