import type { Notification } from './domain.ts';

/** A notification with the identity that it keeps, however often it is sent. */
interface Recorded extends Notification {
  readonly id: string;
}

/** A notification that is this instance's to send until the lease ends. */
export interface Claimed extends Recorded {
  /** 1 for the first; also what tells this claim from a later one. */
  readonly attempt: number;
  /** The trace of the event that led to it; empty when it had none. */
  readonly traceparent: string;
}

/** Keeps every notification and its state. Rejects with `unavailable`. */
export interface Notifications {
  /**
   * Keeps a notification, to be sent or (with `suppressed`) only to be recorded.
   *
   * @returns false when the job has one of this kind already
   */
  record(
    notification: Recorded,
    details: { readonly state: 'pending' | 'suppressed'; readonly traceparent: string },
  ): Promise<boolean>;
  /** Takes up to `limit` that are due, or whose lease ran out. */
  claim(limit: number, leaseMs: number): Promise<readonly Claimed[]>;
  /** Each of these does nothing when the claim is no longer the current one. */
  markSent(claim: Claimed): Promise<void>;
  markForRetry(claim: Claimed, delayMs: number, error: string): Promise<void>;
  markFailed(claim: Claimed, error: string): Promise<void>;
}

export type SendResult =
  | { readonly kind: 'sent' }
  /** `isPermanent`: no repeat will help. */
  | { readonly kind: 'failed'; readonly isPermanent: boolean; readonly error: string };

/** Brings a message to its recipient. Never rejects, and answers in bounded time. */
export interface Mailer {
  send(message: Recorded): Promise<SendResult>;
}
