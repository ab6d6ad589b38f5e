import type { SagaFacts } from '#contracts/spec/sagas.ts';
import type { Variant } from './variants.ts';
import type { Ending } from './workload.ts';

/** How a job ended, and whether one of its steps may have timed out. */
export interface Ended {
  readonly state: string;
  readonly reason: string | undefined;
  readonly isSlow: boolean;
}

/**
 * What the order of a variant looks like if its job ended so.
 *
 * @throws if the variant may not end so
 */
export function endingOf(
  variant: Variant,
  sagas: readonly SagaFacts[],
  { state, reason, isSlow }: Ended,
): Pick<Ending, 'status' | 'state'> {
  const outcomes = sagas.find(({ name }) => name === variant.saga)?.outcomes;
  const expected = variant.refuses === undefined ? outcomes?.succeeded : outcomes?.failed;
  if (expected?.job.state === state) return { status: variant.order, state };
  // A step that timed out fails a saga that can be undone; a saga that cannot be is completed.
  const failed = outcomes?.failed;
  const status = failed?.job.state === state && isSlow ? failed.status : undefined;
  if (status !== undefined && reason === 'step-timed-out') return { status, state };
  const why = reason === undefined ? '' : ` (${reason})`;
  throw new Error(`the job of an order that was to be ${variant.order} ended as ${state}${why}`);
}
