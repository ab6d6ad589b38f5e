import type { Hop } from './hop.ts';

/** The link of a service that connects to its dependency itself: no proxy, so no disturbance. */
export function directHop(link: string): Hop {
  const refuse = async (): Promise<never> => {
    throw new Error(
      `link ${link} is direct: no proxy carries it, so it can be neither cut nor delayed`,
    );
  };
  return {
    kind: 'direct',
    cut: refuse,
    delay: refuse,
    impair: refuse,
    restore: async () => undefined,
    disturbances: async () => [],
  };
}
