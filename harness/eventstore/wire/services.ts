/** Which gRPC call goes where. */

import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { PersistentSubscriptionsService } from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import type persistentPb from '@eventstore/db-client/generated/persistent_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { UsersService } from '@eventstore/db-client/generated/users_grpc_pb.js';
import type usersPb from '@eventstore/db-client/generated/users_pb.js';
import type {
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  Server,
} from '@grpc/grpc-js';
import type { Access, Session } from '../access/access.ts';
import type { UserDirectory } from '../access/users.ts';
import type { PersistentSubscriptions } from '../persistent/registry.ts';
import { append } from './append.ts';
import { batchAppend } from './batch-append.ts';
import { type Call, connectionNameOf, credentialsOf } from './caller.ts';
import { createSender, goneSignal, toGrpcError, untilAborted, untilWhole } from './calls.ts';
import { softDelete, tombstone } from './delete.ts';
import { type Endpoint, type Node, supportedMethods, toClusterInfo } from './features.ts';
import { createPersistentCalls } from './persistent.ts';
import { readPersistent } from './persistent-read.ts';
import { fromReadOptions, read } from './read.ts';
import { subscribe } from './subscription.ts';
import { createUserCalls, userDetails } from './users.ts';

export interface ServiceOptions {
  readonly access: Access;
  readonly subscriptions: PersistentSubscriptions;
  /** Absent when no caller has to authenticate: then there are no users to manage. */
  readonly users: UserDirectory | undefined;
  readonly node: Node;
  readonly advertised: () => Endpoint;
  readonly appendBytesMax: number;
  /** Aborts when the server stops. */
  readonly stopping: AbortSignal;
}

/** Adds every service that this server has. */
export function addServices(server: Server, options: ServiceOptions): void {
  const { access, subscriptions, users, node, advertised } = options;
  const open = (call: Call) => access.open(credentialsOf(call));
  const unary =
    <Request, Answer>(
      handle: (session: Session, request: Request) => Promise<Answer>,
    ): handleUnaryCall<Request, Answer> =>
    (call, callback) => {
      // A header that cannot be read is an answer, too, and not an exception of the server.
      const answer = async () => handle(await open(call), call.request);
      void answer().then(
        (message) => callback(null, message),
        (error: unknown) => callback(toGrpcError(error)),
      );
    };
  server.addService(StreamsService, {
    ...streamingCalls(options),
    delete: unary(({ store }, request: streamsPb.DeleteReq) => softDelete(store, request)),
    tombstone: unary(({ store }, request: streamsPb.TombstoneReq) => tombstone(store, request)),
  });
  const calls = createPersistentCalls(subscriptions);
  server.addService(PersistentSubscriptionsService, {
    create: unary(calls.create),
    update: unary(calls.update),
    delete: unary(calls.delete),
    getInfo: unary(calls.getInfo),
    list: unary(calls.list),
    replayParked: unary(calls.replayParked),
    restartSubsystem: unary(calls.restartSubsystem),
    read: persistentCall(options),
  });
  server.addService(GossipService, {
    read: (_call: Call, callback: Parameters<handleUnaryCall<unknown, unknown>>[1]) =>
      callback(null, toClusterInfo(node, advertised())),
  });
  server.addService(ServerFeaturesService, {
    getSupportedMethods: (
      _call: Call,
      callback: Parameters<handleUnaryCall<unknown, unknown>>[1],
    ) => callback(null, supportedMethods(users !== undefined)),
  });
  if (users !== undefined) addUsers(server, users, unary, open);
}

type Unary = <Request, Answer>(
  handle: (session: Session, request: Request) => Promise<Answer>,
) => handleUnaryCall<Request, Answer>;

function addUsers(
  server: Server,
  users: UserDirectory,
  unary: Unary,
  open: (call: Call) => Promise<Session>,
): void {
  const calls = createUserCalls(users);
  const details: handleServerStreamingCall<usersPb.DetailsReq, usersPb.DetailsResp> = (call) => {
    const answer = async () => {
      for (const item of await userDetails(users, await open(call), call.request)) call.write(item);
    };
    void answer().then(
      () => call.end(),
      (error: unknown) => call.emit('error', toGrpcError(error)),
    );
  };
  server.addService(UsersService, {
    create: unary(calls.create),
    update: unary(calls.update),
    delete: unary(calls.delete),
    disable: unary(calls.disable),
    enable: unary(calls.enable),
    changePassword: unary(calls.changePassword),
    resetPassword: unary(calls.resetPassword),
    details,
  });
}

function streamingCalls({ access, stopping, appendBytesMax }: ServiceOptions) {
  const open = (call: Call) => access.open(credentialsOf(call));
  const readCall: handleServerStreamingCall<streamsPb.ReadReq, streamsPb.ReadResp> = (call) => {
    const signal = AbortSignal.any([goneSignal(call), stopping]);
    const send = createSender<streamsPb.ReadResp>(call, signal);
    const serve = async () => {
      const { store } = await open(call);
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
      const { store } = await open(call);
      await batchAppend(store, messages, createSender(call, gone), appendBytesMax);
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
    const messages = untilWhole<streamsPb.AppendReq>(call, goneSignal(call));
    const answer = async () => append((await open(call)).store, messages, appendBytesMax);
    void answer().then(
      (message) => callback(null, message),
      (error: unknown) => callback(toGrpcError(error)),
    );
  };
  return { read: readCall, append: appendCall, batchAppend: batchCall };
}

function persistentCall({
  access,
  subscriptions,
  stopping,
}: ServiceOptions): handleBidiStreamingCall<persistentPb.ReadReq, persistentPb.ReadResp> {
  return (call) => {
    const dropped = new AbortController();
    const signal = AbortSignal.any([goneSignal(call), stopping, dropped.signal]);
    const messages = untilAborted<persistentPb.ReadReq>(call, signal);
    const serve = async () => {
      const session = await access.open(credentialsOf(call));
      await readPersistent({
        subscriptions,
        messages,
        caller: {
          connectionName: connectionNameOf(call),
          username: session.user.name,
          from: call.getPeer(),
        },
        authorize: ({ source }) => session.authorize('read', source),
        send: (message) => void call.write(message),
        drop: (error) => dropped.abort(error),
      });
      signal.throwIfAborted();
    };
    void serve().then(
      () => call.end(),
      (error: unknown) => call.emit('error', toGrpcError(error)),
    );
  };
}
