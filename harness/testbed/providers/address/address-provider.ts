import type { HostPort, Provider } from '../provider.ts';

/** Something that the user runs: it is asked whether it is ready, and never started or stopped. */
export function addressProvider(name: string, address: HostPort): Provider {
  const refuse = async (): Promise<never> => {
    throw new Error(`${name} is at an address of yours: restart or signal it where it runs`);
  };
  return {
    kind: 'address',
    version: 'yours',
    address,
    start: (ready, signal) => ready(signal),
    restart: refuse,
    stop: async () => undefined,
    signal: refuse,
    process: () => undefined,
    logs: () => '',
  };
}
