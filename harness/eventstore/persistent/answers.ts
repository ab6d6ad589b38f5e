/** Handles messages that left their consumer: they are processed, tried again or parked. */
import type { Rate } from './consumer.ts';
import type { Message } from './messages.ts';
import type { Outbox } from './outbox.ts';
import type { ProgressTracker } from './progress.ts';
import type { ParkedMessages } from './state-streams.ts';

export interface AnswersOptions {
  readonly outbox: Outbox;
  readonly parked: ParkedMessages;
  readonly progress: ProgressTracker;
  readonly rate: Rate;
  readonly maxRetryCount: number;
}

export class Answers {
  readonly #options: AnswersOptions;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  finish(message: Message): void {
    const { rate, parked, progress } = this.#options;
    rate.count += 1;
    if (message.origin === 'parked') parked.processed(message.number);
    else progress.processed(message.number);
  }

  tryAgain(message: Message, reason: string): void {
    const { outbox, maxRetryCount } = this.#options;
    if (message.retryCount >= maxRetryCount) this.park(message, reason);
    else outbox.retry(message);
  }

  /** Counts as processed once it is on disk; what cannot be parked is tried again. */
  park(message: Message, reason: string): void {
    const { outbox, parked } = this.#options;
    parked.park(message, reason).then(
      () => this.finish(message),
      () => {
        outbox.retry(message);
        outbox.push();
      },
    );
  }
}
