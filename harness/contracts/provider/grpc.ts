import type { GrpcRequest } from '../../pacts/interaction.ts';
import { callGrpc } from './grpc-call.ts';
import type { Protocol } from './protocol.ts';
import { addressOf } from './rpc-clients.ts';

/** Synchronous messages that stand for gRPC calls: the bridge makes the call. */
export const grpcProtocol: Protocol = {
  answer: ({ stack }, { provider }, request) =>
    callGrpc(addressOf(stack.addressBook, provider, 'grpc'), request as unknown as GrpcRequest),
};
