import { randomUUID } from 'node:crypto';
import type { SagaFacts } from '#contracts/spec/sagas.ts';
import type { FaultEvent } from '../../harness/links/fault.ts';
import type { WireHit } from '../../harness/links/wire-rules.ts';
import { disturb, type FaultContext } from './cell-faults.ts';
import type { Follower } from './follower.ts';

/** After a step has timed out: how long until a client sees it. */
const TIME_OUT_SEEN_WITHIN_MS = 10_000;

export interface Landing extends Omit<FaultContext, 'topics' | 'timedOut'> {
  readonly saga: SagaFacts;
  readonly stepTimeoutMs: number;
  readonly follower: Follower;
  readonly onHit: (hit: WireHit) => void;
  /** Aborts when the operation can be given up. */
  readonly patience: AbortSignal;
}

/**
 * Waits for the operation of the cell, and disturbs the service then. Never rejects.
 *
 * @returns when the fault is lifted, with why it did not land, if it did not
 */
export async function landFault(landing: Landing): Promise<unknown> {
  const { onHit, follower, saga, patience, ...about } = landing;
  const { cell, trigger, stepTimeoutMs, world } = about;
  const fault = randomUUID();
  const record = (what: FaultEvent['what'], more: { readonly evidence?: string } = {}) =>
    world.shard.record({
      ...{ type: 'fault', fault, name: `${cell.fault}-at-operation`, what, ...more },
      ...{ target: cell.at.at.link, seed: world.run, scenario: world.scenario },
    });
  record('armed');
  try {
    await using _ = trigger;
    const hit = await trigger.hit(patience);
    record('landed', { evidence: `${hit.operation} at the point ${hit.point}` });
    onHit(hit);
    const topics = saga.steps.flatMap(({ command, replies }) => [command.topic, replies.topic]);
    const step = cell.step.replace(/^undo-|-(refused|failed)$/g, '');
    const context: FaultContext = {
      ...about,
      topics: [...new Set(topics)],
      timedOut: () => follower.timeOutOf(step, stepTimeoutMs + TIME_OUT_SEEN_WITHIN_MS),
    };
    await disturb(context, hit);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    record('lifted');
  }
}
