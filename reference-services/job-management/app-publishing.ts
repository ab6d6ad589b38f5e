import { setTimeout as pause } from 'node:timers/promises';
import { OperationalError } from '#kit/errors.ts';
import type { Claim, Clock, PendingUpdate, UpdateOutbox, UpdatePublisher } from './ports.ts';

/** How long an event waits for another instance to publish the updates of the same job. */
const HELD_TIMEOUT_MS = 8_000;
const HELD_POLL_MS = 20;

export interface PublishingParts {
  readonly outbox: UpdateOutbox;
  readonly publisher: UpdatePublisher;
  readonly clock: Clock;
}

/** Publishes what jobs have in the outbox; one publisher per job at a time, here and elsewhere. */
export class UpdatePublishing {
  readonly #parts: PublishingParts;
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(parts: PublishingParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when everything that the job had in the outbox at the call is published.
   *
   * @param claim the right to publish, if the caller has it
   */
  async publish(jobId: string, claim?: Claim): Promise<void> {
    // What is under way may have read the outbox too early: wait for it, then look again.
    const before = this.#underWay.get(jobId) ?? Promise.resolve();
    const own = this.#publishAfter(before, jobId, claim);
    this.#underWay.set(jobId, own);
    try {
      await own;
    } finally {
      if (this.#underWay.get(jobId) === own) this.#underWay.delete(jobId);
    }
  }

  async #publishAfter(before: Promise<void>, jobId: string, claim?: Claim): Promise<void> {
    if (claim?.kind === 'claimed') {
      if (await this.#publishClaimed(jobId, claim.token, claim.pending)) return;
    }
    await before.catch(() => undefined);
    await this.#publishPending(jobId);
  }

  async #publishPending(jobId: string): Promise<void> {
    const { outbox, clock } = this.#parts;
    const giveUpAtMs = clock.now() + HELD_TIMEOUT_MS;
    for (;;) {
      const claim = await outbox.claim(jobId);
      if (claim.kind === 'empty') return;
      if (claim.kind === 'claimed') {
        if (await this.#publishClaimed(jobId, claim.token, claim.pending)) return;
      } else if (clock.now() > giveUpAtMs) {
        const detail = `another instance has held the updates of job ${jobId} for too long`;
        throw new OperationalError('unavailable', { detail });
      } else {
        await pause(HELD_POLL_MS);
      }
    }
  }

  /** False when the right was lost, and another instance may have published the same. */
  async #publishClaimed(
    jobId: string,
    token: string,
    claimed: readonly PendingUpdate[],
  ): Promise<boolean> {
    const { outbox, publisher } = this.#parts;
    let pending: readonly PendingUpdate[] | undefined = claimed;
    try {
      while (pending !== undefined && pending.length > 0) {
        await publisher.publish(pending);
        pending = await outbox.settle(jobId, token, pending.length);
      }
      return pending !== undefined;
    } catch (error) {
      // A right that cannot be given back expires; the first failure is the one to report.
      await outbox.release(jobId, token).catch(() => undefined);
      throw error;
    }
  }
}
