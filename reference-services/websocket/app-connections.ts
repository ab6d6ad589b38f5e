import type { ConnectionOutbox, ConnectionPublisher } from './ports.ts';

/** Publishes what the registry says about connections: in order, and until it is acknowledged. */
export class ConnectionReports {
  readonly #outbox: ConnectionOutbox;
  readonly #publisher: ConnectionPublisher;
  #underWay: Promise<void> | undefined;

  constructor(parts: {
    readonly outbox: ConnectionOutbox;
    readonly publisher: ConnectionPublisher;
  }) {
    this.#outbox = parts.outbox;
    this.#publisher = parts.publisher;
  }

  /** Publishes what waits, unless another node does. What fails waits for the next time. */
  async flush(): Promise<void> {
    this.#underWay ??= this.#publish().finally(() => {
      this.#underWay = undefined;
    });
    await this.#underWay;
  }

  async #publish(): Promise<void> {
    const claim = await this.#outbox.claim();
    if (claim === undefined) return;
    let { events } = claim;
    try {
      while (events.length > 0) {
        await this.#publisher.publish(events);
        events = await this.#outbox.settle(claim.token, events.length);
      }
    } catch (error) {
      // A right that cannot be given back expires; the first failure is the one to report.
      await this.#outbox.release(claim.token).catch(() => undefined);
      throw error;
    }
  }
}
