/** A component of the infrastructure as a resource, independent of what provides it. */
import type { Infrastructure } from '../kernel/address-book.ts';
import { deadline, retry } from '../kernel/poll.ts';
import { accepts } from './probe.ts';
import type { Provider } from './providers/provider.ts';
import type { Resource } from './resource.ts';

/** Generous, because a busy CI machine starts a JVM many times slower than a quiet one. */
const UP_TIMEOUT_MS = 120_000;
/** A health check that takes longer is a failed one. */
export const HEALTH_TIMEOUT_MS = 5_000;
/** Room for the grace, the kill and a busy machine. */
const DOWN_TIMEOUT_MS = 15_000;

/** A resource with a provider, which can be started again at the same address with its data. */
export interface ManagedResource extends Resource {
  readonly provider: Provider;
  /** @param env of a service: replaces values of its manifest, for this start only */
  restart(signal: AbortSignal, env?: Readonly<Record<string, string>>): Promise<void>;
}

export const isManaged = (resource: Resource | undefined): resource is ManagedResource =>
  resource !== undefined && 'provider' in resource;

export interface ComponentOptions extends Pick<Resource, 'after' | 'stopBefore' | 'verify'> {
  readonly name: Infrastructure;
  readonly provider: Provider;
  /** One question by protocol; throws until it is answered as it should be. */
  readonly answers: (signal: AbortSignal) => Promise<void>;
  /** Creates what the stack needs in it: topics, databases, schemas. */
  readonly prepare?: (signal: AbortSignal) => Promise<void>;
}

export function component(options: ComponentOptions): ManagedResource {
  const { name, provider, answers, prepare, ...relations } = options;
  const answersInTime = async (parent: AbortSignal): Promise<void> => {
    using limit = deadline(`an answer of ${name}`, HEALTH_TIMEOUT_MS, parent);
    await answers(limit.signal);
  };
  const ready = async (signal: AbortSignal): Promise<void> => {
    if (provider.kind !== 'address') {
      await retry(`${name} listens`, () => accepts(provider.address, signal), { signal });
    }
    await retry(`${name} answers`, () => answersInTime(signal), { signal });
    await prepare?.(signal);
  };
  return managed({
    ...relations,
    name,
    provider,
    upTimeoutMs: UP_TIMEOUT_MS,
    downTimeoutMs: DOWN_TIMEOUT_MS,
    ready,
    healthCheck: answersInTime,
  });
}

interface Managed
  extends Pick<
    ManagedResource,
    | ('name' | 'provider' | 'after' | 'stopBefore' | 'verify')
    | ('upTimeoutMs' | 'downTimeoutMs' | 'healthCheck')
  > {
  /** Resolves when it can be used, after each start. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
}

/** A resource whose life is that of what its provider runs. */
export function managed({ ready, ...resource }: Managed): ManagedResource {
  const { provider } = resource;
  return {
    ...resource,
    up: (signal) => provider.start(ready, signal),
    restart: (signal, env) => provider.restart(ready, signal, env),
    async down() {
      await provider.stop({ final: true });
    },
    logTail: () => provider.logs(),
  };
}
