/** Requests of which the benchmark of the wire proxy measures the round trip. */
import { once } from 'node:events';
import { connect } from 'node:net';
import pg from 'pg';
import type { AddressBook } from '#harness/kernel/address-book.ts';

export interface Probe {
  readonly name: string;
  readonly link: string;
  /** As the wire proxy names it. */
  readonly operation: string;
  /** @param address `host:port` */
  connect(address: string): Promise<AsyncDisposable & { once(): Promise<void> }>;
}

export const probes = (book: AddressBook): readonly Probe[] => [
  {
    name: 'Postgres, a prepared query',
    link: 'inventory→postgres',
    operation: 'pg.query',
    connect: (address) => postgres(book, address),
  },
  {
    name: 'Redis, a GET',
    link: 'job-management→redis',
    operation: 'redis.get',
    connect: (address) => raw(address, Buffer.from('*2\r\n$3\r\nGET\r\n$5\r\nnone!\r\n')),
  },
  {
    name: 'Kafka, a list of groups',
    link: 'inventory→kafka',
    operation: 'kafka.list-groups',
    // Version 0 with the client id `b`.
    connect: (address) => raw(address, Buffer.from('0000000b001000000000000100' + '0162', 'hex')),
  },
];

async function postgres(book: AddressBook, address: string) {
  const url = new URL(book.postgres.databases['inventory']?.ownerUrl ?? '');
  url.host = address;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  const query = { name: 'probe', text: 'select $1::text', values: ['some-value-of-an-order'] };
  return {
    async once() {
      await client.query(query);
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}

/** The answer to the request is one segment. */
async function raw(address: string, request: Buffer) {
  const [host = '', port = ''] = address.split(':');
  const socket = connect({ host, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  return {
    async once() {
      socket.write(request);
      await once(socket, 'data');
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}
