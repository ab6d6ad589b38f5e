import { OperationalError } from '#kit/errors.ts';

/**
 * A commit loses against another one about the same job, and each round one of them wins: as many
 * requests with one idempotency key may arrive at once.
 */
const COMMIT_ATTEMPTS_MAX = 200;

/** Repeats `attempt` until it does not lose against another writer (undefined). */
export async function contend<T>(jobId: string, attempt: () => Promise<T | undefined>): Promise<T> {
  for (let round = 0; round < COMMIT_ATTEMPTS_MAX; round += 1) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new OperationalError('unavailable', { detail: `too many writers of job ${jobId} at once` });
}
