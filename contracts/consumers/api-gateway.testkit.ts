import { testContext } from '#kit/context.testkit.ts';
import {
  type Addresses,
  createGrpcPorts,
  type Outside,
} from '../../reference-services/api-gateway/adapters/grpc.ts';

/** No server listens there: a contract is about one provider. */
const UNREACHABLE = '127.0.0.1:1';

/** Calls one provider at an address with the gateway's own adapters. */
export function gatewayCalling<T>(
  provider: keyof Addresses,
  use: (outside: Outside) => Promise<T>,
): (address: string) => Promise<T> {
  return async (address) => {
    await using context = testContext();
    const unreachable: Addresses = {
      auth: UNREACHABLE,
      jobs: UNREACHABLE,
      order: UNREACHABLE,
      inventory: UNREACHABLE,
      payment: UNREACHABLE,
      shipping: UNREACHABLE,
      query: UNREACHABLE,
    };
    return await use(createGrpcPorts(context, { ...unreachable, [provider]: address }));
  };
}
