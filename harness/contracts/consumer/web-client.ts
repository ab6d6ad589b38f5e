import type { Shard } from '../../history/shard.ts';
import { type AddressBook, SERVICES } from '../../kernel/address-book.ts';
import { User } from '../../scenario/user.ts';
import { World } from '../../scenario/world.ts';
import { FICTION } from '../fiction.ts';

/** Nothing listens on this port, so a connection is refused. */
const UNUSED_ADDRESS = '127.0.0.1:1';

/** The web client of the scenarios; it records no history. */
export interface WebClient extends AsyncDisposable {
  readonly world: World;
  /** The user of the contract, with the access token of the contract. */
  readonly user: User;
}

/** A web client that finds the gateway, or the WebSocket service, at an address (host:port). */
export function webClient(at: {
  readonly gateway?: string;
  readonly websocket?: string;
}): WebClient {
  const unrecorded: Shard = { record: () => undefined, close: () => undefined };
  const addresses: Readonly<Record<string, string | undefined>> = {
    'api-gateway': at.gateway,
    websocket: at.websocket,
  };
  const services = SERVICES.map((service) => {
    const [host = '', port] = (addresses[service] ?? UNUSED_ADDRESS).split(':');
    const ports = { http: Number(port), grpc: Number(port), ws: Number(port) };
    return [service, { service, instances: [{ id: `${service}-1`, host, ports }] }] as const;
  });
  const book = { services: Object.fromEntries(services) } as unknown as AddressBook;
  const world = new World({ scenario: 'contract', run: 'contract', book, shard: unrecorded });
  return {
    world,
    user: new User(world, FICTION.userId, FICTION.accessToken),
    [Symbol.asyncDispose]: () => world.close(),
  };
}
