import { v5 as uuidv5 } from 'uuid';
import { afterFailure, type NotificationKind, notificationOf, type OrderEvent } from './domain.ts';
import type { Claimed, Mailer, Notifications, SendResult } from './ports.ts';

/** Notification ids are UUIDs version 5 in this name space, of job and kind. */
const NOTIFICATION_NAMESPACE = 'd1a7a9b1-5f0c-4c56-8d84-0c0a1e6d9f2b';
/** Sent side by side. */
const CLAIM_MAX = 8;
/** Longer than one attempt may take, so that no other instance sends the same. */
const LEASE_MS = 15_000;
/** How long something that became due without a call may wait: a retry, or an orphan's lease. */
const POLL_INTERVAL_MS = 500;

export type Outcome = 'recorded' | 'duplicate' | 'suppressed' | 'sent' | 'retried' | 'failed';

export interface NotifierParts {
  readonly notifications: Notifications;
  readonly mailer: Mailer;
  /** Runs a piece of work as part of a trace. */
  readonly inTrace: <T>(traceparent: string, work: () => Promise<T>) => Promise<T>;
  readonly onOutcome: (kind: NotificationKind, outcome: Outcome) => void;
  /** Called when a round failed; the next one is made all the same. */
  readonly onRoundFailed: (error: unknown) => void;
  readonly leaseMs?: number;
}

export interface Notifier {
  /** Keeps the notification that an event calls for, once. */
  onEvent(event: OrderEvent, traceparent: string): Promise<void>;
  /** Sends what is due, until aborted; what is being sent then is finished first. */
  run(signal: AbortSignal): Promise<void>;
}

/** The use cases of notification. */
export function createNotifier(parts: NotifierParts): Notifier {
  const { notifications, mailer, onOutcome } = parts;
  const bell = createBell();

  async function settle(claim: Claimed, result: SendResult): Promise<void> {
    if (result.kind === 'sent') {
      await notifications.markSent(claim);
      onOutcome(claim.kind, 'sent');
      return;
    }
    const next = afterFailure(claim.attempt, result.isPermanent);
    if (next.kind === 'retry') {
      await notifications.markForRetry(claim, next.delayMs, result.error);
      onOutcome(claim.kind, 'retried');
    } else {
      await notifications.markFailed(claim, result.error);
      onOutcome(claim.kind, 'failed');
    }
  }

  /** Sends what is due now; says whether there may be more. */
  async function sendRound(): Promise<boolean> {
    const claims = await notifications.claim(CLAIM_MAX, parts.leaseMs ?? LEASE_MS);
    await Promise.all(
      claims.map((claim) =>
        parts.inTrace(claim.traceparent, async () => settle(claim, await mailer.send(claim))),
      ),
    );
    return claims.length === CLAIM_MAX;
  }

  return {
    async onEvent(event, traceparent) {
      const notification = notificationOf(event);
      if (notification === undefined) return;
      const { jobId, kind, recipient } = notification;
      const id = uuidv5(`${jobId}\n${kind}`, NOTIFICATION_NAMESPACE);
      const state = recipient === '' ? 'suppressed' : 'pending';
      const isNew = await notifications.record({ ...notification, id }, { state, traceparent });
      if (!isNew) onOutcome(kind, 'duplicate');
      else onOutcome(kind, state === 'suppressed' ? 'suppressed' : 'recorded');
      if (isNew) bell.ring();
    },

    async run(signal) {
      while (!signal.aborted) {
        try {
          if (await sendRound()) continue;
        } catch (error) {
          parts.onRoundFailed(error);
        }
        await bell.wait(POLL_INTERVAL_MS, signal);
      }
    },
  };
}

interface Bell {
  ring(): void;
  /** Resolves when it rings (or has rung since the last wait), after a time, or when aborted. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<void>;
}

function createBell(): Bell {
  let hasRung = false;
  let wake: () => void = () => undefined;
  return {
    ring() {
      hasRung = true;
      wake();
    },
    async wait(timeoutMs, signal) {
      if (!hasRung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            signal.removeEventListener('abort', wake);
            resolve();
          };
          signal.addEventListener('abort', wake, { once: true });
        });
      }
      hasRung = false;
    },
  };
}
