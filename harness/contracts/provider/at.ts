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
 * The running system, with a provider that the harness did not start. The harness plays the
 * provider's neighbours on the infrastructure that both use.
 *
 * @param url `grpc://host:port`, `http://host:port` or `ws://host:port`
 */
export async function at(
  url: string,
  provider: Pick<ProviderDefinition, 'service' | 'runs'>,
): Promise<Stack> {
  const { service } = provider;
  if (service === undefined) {
    throw new Error(`the provider is not a service, so it cannot run at ${url}; fix: omit --at`);
  }
  const { host, port, name } = parseAddress(url);
  const [paths] = runningStacks();
  const neighbours = provider.runs.filter((name) => name !== service);
  const needs = ['pnpm sagaproof up --only', ...INFRASTRUCTURE_OF_ALL, ...neighbours].join(' ');
  if (paths === undefined) {
    throw new Error(
      `no system is running; fix: boot one with \`${needs}\`, start ${service} with its addresses, and retry`,
    );
  }
  const stack = await openStack(paths, { owned: false, reused: true });
  const other = stack.addressBook.services[service];
  if (other?.instances.some(({ pid }) => pid !== undefined)) {
    throw new Error(
      `the running system has its own ${service}, which would answer instead of ${url}; fix: \`pnpm sagaproof down\`, then \`${needs}\``,
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
