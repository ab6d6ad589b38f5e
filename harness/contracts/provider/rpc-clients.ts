import type { DescService } from '@bufbuild/protobuf';
import { GRPC_SERVICES } from '../../clients/grpc-services.generated.ts';
import { RpcClient } from '../../clients/rpc.ts';
import type { AddressBook } from '../../kernel/address-book.ts';

/** A client of each service that speaks gRPC; using one whose service does not run throws. */
export type RpcClients = {
  readonly [K in keyof typeof GRPC_SERVICES]: RpcClient<(typeof GRPC_SERVICES)[K]>;
};

export function rpcClients(book: AddressBook): RpcClients & Disposable {
  const made = new Map<string, RpcClient<DescService>>();
  const clientOf = (provider: keyof typeof GRPC_SERVICES): RpcClient<DescService> => {
    const known = made.get(provider);
    if (known !== undefined) return known;
    const client = new RpcClient<DescService>(
      GRPC_SERVICES[provider],
      addressOf(book, provider, 'grpc'),
    );
    made.set(provider, client);
    return client;
  };
  const clients = Object.defineProperties(
    {},
    Object.fromEntries(
      (Object.keys(GRPC_SERVICES) as Array<keyof typeof GRPC_SERVICES>).map((provider) => [
        provider,
        { get: () => clientOf(provider), enumerable: true },
      ]),
    ),
  );
  return Object.assign(clients as RpcClients, {
    [Symbol.dispose]: () => {
      for (const client of made.values()) client.close();
    },
  });
}

/** host:port of a service's first instance. */
export function addressOf(book: AddressBook, service: string, port: string): string {
  const [instance] = book.services[service]?.instances ?? [];
  const number = instance?.ports[port];
  if (instance === undefined || number === undefined) {
    throw new Error(`${service} does not run here, or has no port ${port}`);
  }
  return `${instance.host}:${number}`;
}
