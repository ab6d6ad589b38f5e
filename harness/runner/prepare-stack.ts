import { SagaproofError } from '../kernel/errors.ts';
import { until } from '../kernel/poll.ts';
import type { Disturbance } from '../links/hop.ts';
import type { ResourceStatus } from '../testbed/control-client.ts';
import { type RestorableStack, restoreStack } from './restore-stack.ts';

/** A service that has lost a dependency is ready again within its longest back-off. */
const HEALTHY_WITHIN_MS = 60_000;

export interface PrepareOptions {
  /** Receives a sentence for each repair. */
  readonly onRepair: (repair: string) => void;
  readonly signal: AbortSignal;
  readonly healthyWithinMs?: number;
}

/**
 * Makes sure that a stack that was kept has no fault left over from an earlier run: restores its
 * links, resumes and starts its processes, and waits until each is healthy. Without that,
 * the verdict would be about the earlier fault.
 *
 * @throws SagaproofError with what is not healthy, if repairing does not help
 */
export async function prepareStack(stack: RestorableStack, options: PrepareOptions): Promise<void> {
  const { onRepair, signal, healthyWithinMs = HEALTHY_WITHIN_MS } = options;
  const { control, links } = stack;
  for (const { link, disturbances } of await links.disturbed()) {
    onRepair(`restoring link ${link}, which was ${disturbances.map(describe).join(' and ')}`);
  }
  const before = await control.status();
  for (const { name, state } of before.resources) {
    if (state === 'paused') onRepair(`resuming ${name}, which was paused`);
    if (state === 'exited' || state === 'stopped') onRepair(`starting ${name}, which had ended`);
  }
  await restoreStack(stack);
  let unhealthy: readonly ResourceStatus[] = [];
  const isHealthy = async (): Promise<boolean> => {
    const { resources } = await control.status({ health: true });
    unhealthy = resources.filter(({ healthy }) => healthy === false);
    // One that another program has stopped is not known as paused; if it runs, this does nothing.
    await Promise.all(unhealthy.map(({ name }) => control.resume(name)));
    return unhealthy.length === 0;
  };
  await until('a healthy stack', isHealthy, healthyWithinMs, signal).catch((cause: unknown) => {
    signal.throwIfAborted();
    const culprits = unhealthy.map(({ name, detail }) => `${name} (${detail ?? 'no answer'})`);
    throw new SagaproofError(
      'stack-unavailable',
      `the stack was not healthy before the run: ${culprits.join(', ')}`,
      {
        fix: 'read the logs of what it names, or replace the stack: sagaproof down, then again',
        cause,
      },
    );
  });
}

function describe(disturbance: Disturbance): string {
  if (disturbance.kind === 'cut') return 'cut';
  if (disturbance.kind === 'other') return `disturbed by ${disturbance.what}`;
  return `delayed by ${disturbance.latencyMs} ms`;
}
