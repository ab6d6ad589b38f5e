import { v7 as uuidv7 } from 'uuid';
import { NoAnswer, type RestResponse } from '../clients/rest.ts';
import { until } from '../kernel/poll.ts';
import { expect } from './expect.ts';
import type { OrderOptions, User } from './user.ts';
import type { World } from './world.ts';

/** A command that was certainly refused, and the user who sent it. */
interface Refused {
  readonly user: User;
  readonly command: OrderOptions;
}

/**
 * Sends a command as new users until one is refused as `unavailable` and not with an unknown
 * outcome (a busy machine can cause that), and checks what the refusal promises: the command may be
 * retried, and it left no job.
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

/** Retries the command until it is accepted, and checks that its job succeeds. */
export async function expectAccepted({ user, command }: Refused): Promise<void> {
  const accepted = await until('the command to be accepted', async () => {
    const response = await user.tryPlaceOrder(command);
    return response.status === 202 ? response.body : undefined;
  });
  expect(await user.jobEnded(String(accepted['jobId']))).toMatchObject({ state: 'SUCCEEDED' });
}

function unlessUnanswered(error: unknown): RestResponse | undefined {
  if (error instanceof NoAnswer) return undefined;
  throw error;
}

const UNAVAILABLE = 503;

/**
 * Opens a socket or is refused, for scenarios that expect a refusal. After a 503 it tries again:
 * that says nothing about the token or a limit.
 */
export function socketOrRefusal(
  user: User,
  options: Parameters<User['trySocket']>[0],
): ReturnType<User['trySocket']> {
  return until('an answer to a handshake', async () => {
    const answer = await user.trySocket(options);
    return 'refused' in answer && answer.refused === UNAVAILABLE ? undefined : answer;
  });
}
