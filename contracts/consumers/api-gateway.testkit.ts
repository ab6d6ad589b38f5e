import { testContext } from '#kit/context.testkit.ts';
import {
  type Addresses,
  createGrpcPorts,
  type Outside,
} from '../../reference-services/api-gateway/adapters/grpc.ts';

/** Nobody listens there: a contract is about one provider. */
const NOBODY = '127.0.0.1:1';

/** Has the gateway's own adapters make a call to one provider at an address. */
export function gatewayCalling<T>(
  provider: keyof Addresses,
  use: (outside: Outside) => Promise<T>,
): (address: string) => Promise<T> {
  return async (address) => {
    await using context = testContext();
    const nobody: Addresses = {
      auth: NOBODY,
      jobs: NOBODY,
      order: NOBODY,
      inventory: NOBODY,
      payment: NOBODY,
      shipping: NOBODY,
      query: NOBODY,
    };
    return await use(createGrpcPorts(context, { ...nobody, [provider]: address }));
  };
}
