import { setTimeout as pause } from 'node:timers/promises';
import { v4 as uuid } from 'uuid';
import type { RestResponse } from '../clients/rest.ts';
import type { RecordedSocket } from '../clients/socket.ts';
import type { Accepted, User } from './user.ts';
import type { World } from './world.ts';

/** Enough for every verb; a scenario of many orders is not slowed down by more. */
const ORDERS_MAX = 2;
/** What is still unanswered when the scenario ends says nothing: a fault may be the reason. */
const FINISH_MS = 2_000;

/**
 * Another customer, in every scenario: asks for what the customers of the scenario have, by every
 * verb that names an order or a job, while their sagas run. It must never get anything. Frames and
 * answers that it gets are recorded with its own name, so that the invariants judge them too.
 */
export class Stranger {
  readonly #world: World;
  readonly #asking: Array<Promise<void>> = [];
  readonly #given: string[] = [];
  #actors: Promise<{ user: User; socket: RecordedSocket | undefined }> | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** Asks for what a command has made, without making its sender wait. */
  learn(accepted: Accepted, owner: string): void {
    if (this.#asking.length >= ORDERS_MAX) return;
    // No answer, a refused handshake or a socket that is closed: the stack may be disturbed.
    this.#asking.push(this.#ask(accepted, owner).catch(() => undefined));
  }

  /** @throws when another customer's order or job was shown, or a command on it was accepted */
  async finish(): Promise<void> {
    await Promise.race([Promise.all(this.#asking), pause(FINISH_MS, undefined, { ref: false })]);
    const [first, ...more] = this.#given;
    if (first === undefined) return;
    const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
    throw new Error(`another customer got what is not theirs: ${first}${rest}`);
  }

  async #ask({ jobId, orderId }: Accepted, owner: string): Promise<void> {
    const { user, socket } = await this.#become();
    if (socket !== undefined) {
      const level = 'detail';
      const about = { type: 'resume', level } as const;
      socket.send({ ...about, requestId: uuid(), positions: { [jobId]: 0 } });
      socket.send({ ...about, requestId: uuid(), positions: { [uuid()]: 0, [jobId]: 0 } });
      socket.send({ type: 'subscribe', requestId: uuid(), jobId, level });
    }
    const requests: ReadonlyArray<readonly [string, () => Promise<RestResponse>]> = [
      ['GET of the job', () => user.tryGet('get-job', `/v1/jobs/${jobId}`)],
      ['GET of the order', () => user.tryGet('get-order', `/v1/orders/${orderId}`)],
      ['cancellation of the order', () => user.tryCancelOrder(orderId)],
    ];
    for (const [what, send] of requests) {
      const { status } = await send();
      if (status < 300)
        this.#given.push(`the ${what} ${orderId} of ${owner} was answered ${status}`);
    }
  }

  #become(): Promise<{ user: User; socket: RecordedSocket | undefined }> {
    this.#actors ??= this.#world.user({ prefix: 'other-' }).then(async (user) => {
      const opened = await user.trySocket({ token: user.token }).catch(() => undefined);
      return { user, socket: opened === undefined || 'refused' in opened ? undefined : opened };
    });
    return this.#actors;
  }
}
