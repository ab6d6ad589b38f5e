import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';
import { NoAnswer, type RestResponse } from '../clients/rest.ts';
import { until } from '../kernel/until.ts';
import type { OrderOptions, User } from './user.ts';
import type { World } from './world.ts';

/** A command that was refused for certain, by whom it was sent. */
interface Refused {
  readonly user: User;
  readonly command: OrderOptions;
}

/**
 * Has new users send a command until one is refused as `unavailable` and not left in doubt (which
 * a machine that has more to do may do to any of them), and holds the refusal to what it promises:
 * it may be tried again, and it has left nothing.
 */
export async function expectUnavailable(
  world: World,
  order: Omit<OrderOptions, 'idempotencyKey'>,
): Promise<Refused> {
  const { user, command, response } = await until('a command to be refused', async () => {
    const user = await world.user();
    const command = { ...order, idempotencyKey: uuidv7() };
    const response = await user.tryPlaceOrder(command).catch(unlessUnanswered);
    const isKnown = response !== undefined && response.body['code'] !== 'outcome-unknown';
    return isKnown ? { user, command, response } : undefined;
  });
  expect([response.status, response.body['code']]).toEqual([503, 'unavailable']);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(response.body).not.toHaveProperty('jobId');
  const jobs = await world.rpc.jobs.call('listJobs', { userId: user.userId });
  expect(jobs).toMatchObject({ ok: true, message: { jobs: [] } });
  return { user, command };
}

/** The command is taken in the end, and does what it was to do. */
export async function expectTaken({ user, command }: Refused): Promise<void> {
  const taken = await until('the command to be taken again', async () => {
    const response = await user.tryPlaceOrder(command);
    return response.status === 202 ? response.body : undefined;
  });
  expect(await user.jobEnded(String(taken['jobId']))).toMatchObject({ state: 'SUCCEEDED' });
}

function unlessUnanswered(error: unknown): RestResponse | undefined {
  if (error instanceof NoAnswer) return undefined;
  throw error;
}
