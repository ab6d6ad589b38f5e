import { AsyncResource } from 'node:async_hooks';
import PQueue from 'p-queue';
import { remainingMs } from './deadline.ts';
import { OperationalError } from './errors.ts';

export interface AdmissionOptions {
  /** Worked on at a time: more would only slow each other down. */
  readonly atOnce: number;
  /** More are refused at once. */
  readonly waitingMax: number;
  /** Work with less time left when its turn comes is not begun. */
  readonly msMin: number;
}

export type Admit = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Admits as much work as makes progress, and bounds what waits: memory stays bounded in a burst,
 * and what cannot be served is refused early instead of late. Rejects with `unavailable`.
 */
export function admission({ atOnce, waitingMax, msMin }: AdmissionOptions): Admit {
  const queue = new PQueue({ concurrency: atOnce });
  return async (work) => {
    if (queue.size >= waitingMax) throw new OperationalError('unavailable');
    const inTime = () => {
      if (remainingMs(msMin) < msMin) throw new OperationalError('unavailable');
      return work();
    };
    // Bound, because the queue would run it in the trace of whichever work ended before it.
    return queue.add(AsyncResource.bind(inTime));
  };
}
