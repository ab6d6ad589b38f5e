import type { RpcResult } from '../../../clients/rpc.ts';
import { exclusive, type StateContext, type StateHandler } from '../state.ts';

/** Some call of the provider that needs what the link carries. */
export type Probe = (context: StateContext) => Promise<RpcResult<unknown>>;

/** Longer than any deadline that a contract names. */
const SLOW_MS = 1_000;

/** Takes a link away; when the interaction is over, the provider has to come back by itself. */
export const unreachable = (service: string, dependency: string, probe: Probe): StateHandler =>
  exclusive(async (context) => {
    context.defer(() => recovered(context, `${service} to reach ${dependency} again`, probe));
    await context.cut(`${service}→${dependency}`);
  });

/** Has a link deliver answers so late that a call with little time cannot wait for them. */
export const slow = (service: string, dependency: string, probe: Probe): StateHandler =>
  exclusive(async (context) => {
    context.defer(() => recovered(context, `${service} to be fast again`, probe));
    await delay(context, service, dependency);
  });

/** Delays what comes back over a link until the interaction is over. */
export const delay = (context: StateContext, service: string, dependency: string): Promise<void> =>
  context.slow(`${service}→${dependency}`, SLOW_MS);

/**
 * As many calls at once as make a provider use more connections than the one that it has left: a
 * pool may be slow to notice that it can have new ones again.
 */
const PROBES_AT_ONCE = 32;

async function recovered(context: StateContext, label: string, probe: Probe): Promise<void> {
  await context.until(label, async () => {
    const probes = Array.from({ length: PROBES_AT_ONCE }, () => probe(context));
    return (await Promise.all(probes)).every(isServed);
  });
}

/** Whether a call got as far as what the provider keeps its state in. */
export const isServed = (result: RpcResult<unknown>): boolean =>
  result.ok || !['UNAVAILABLE', 'DEADLINE_EXCEEDED'].includes(result.status);

/** The answer; throws on a refusal, since the state could not be set up. */
export function accepted<T>(what: string, result: RpcResult<T>): T {
  if (result.ok) return result.message;
  throw new Error(`${what} was refused: ${result.status} ${result.code ?? result.details}`);
}
