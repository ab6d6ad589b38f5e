import { grpcProtocol } from './grpc.ts';
import { kafkaProtocol } from './kafka.ts';
import { outboxProtocol } from './outbox.ts';
import type { Protocol } from './protocol.ts';
import { socketProtocol } from './ws.ts';

/** The protocols of the bridge besides HTTP, which Pact's verifier supports itself. */
export const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  grpc: grpcProtocol,
  kafka: kafkaProtocol,
  outbox: outboxProtocol,
  ws: socketProtocol,
};
