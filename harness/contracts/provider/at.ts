import type { AddressBook } from '../../kernel/address-book.ts';
import { openStack, runningStacks, type Stack } from '../../testbed/stack.ts';
import type { ProviderDefinition } from './providers.ts';

const PORT_OF: Readonly<Record<string, string>> = {
  'grpc:': 'grpc',
  'http:': 'http',
  'ws:': 'ws',
};

const INFRASTRUCTURE_OF_ALL = 'kafka registry redis postgres connect mongodb eventstore'.split(' ');

/**
 * The system that runs, with a provider in it that somebody else started: the harness plays its
 * neighbours on the infrastructure that both use.
 *
 * @param url `grpc://host:port`, `http://host:port` or `ws://host:port`
 */
export async function at(
  url: string,
  provider: Pick<ProviderDefinition, 'service' | 'runs'>,
): Promise<Stack> {
  const { service } = provider;
  if (service === undefined) {
    throw new Error(`what is verified is no service, so nothing at ${url} can stand in for it`);
  }
  const { host, port, name } = parseAddress(url);
  const [paths] = runningStacks();
  const neighbours = provider.runs.filter((name) => name !== service);
  const needs = ['pnpm sagaproof up --only', ...INFRASTRUCTURE_OF_ALL, ...neighbours].join(' ');
  if (paths === undefined) {
    throw new Error(
      `no system is up: boot one with \`${needs}\`, start ${service} on its addresses, and ask again`,
    );
  }
  const stack = await openStack(paths, { owned: false, reused: true });
  const other = stack.addressBook.services[service];
  if (other?.instances.some(({ pid }) => pid !== undefined)) {
    throw new Error(
      `the system that is up runs a ${service} of its own, which would answer in the place of ${url}: \`pnpm sagaproof down\`, then \`${needs}\``,
    );
  }
  const instance = { id: `${service}-1`, host, ports: { [name]: port } };
  const addressBook = (): AddressBook => ({
    ...stack.addressBook,
    services: {
      ...stack.addressBook.services,
      [service]: {
        service,
        version: 'unknown',
        manifest: url,
        subject: true,
        absentFeatures: [],
        instances: [instance],
      },
    },
  });
  return new Proxy(stack, {
    get: (target, key) =>
      key === 'addressBook' ? addressBook() : (Reflect.get(target, key, target) as unknown),
  });
}

function parseAddress(url: string): { host: string; port: number; name: string } {
  const parsed = URL.parse(url);
  const name = PORT_OF[parsed?.protocol ?? ''];
  if (parsed === null || name === undefined || parsed.port === '') {
    throw new Error(
      `${url} is no address: write grpc://host:port, http://host:port or ws://host:port`,
    );
  }
  return { host: parsed.hostname, port: Number(parsed.port), name };
}
