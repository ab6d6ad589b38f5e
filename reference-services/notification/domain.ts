import type { OrderEventsOrderEvent } from '#avro/types.generated.ts';
import { REASONS } from '#contracts/spec/errors/registry.ts';
import { LIMITS } from '#contracts/spec/limits.generated.ts';

export type OrderEvent = OrderEventsOrderEvent;

/** Outcomes that a customer is notified of: one notification each. */
export type NotificationKind =
  | 'order-approved'
  | 'order-rejected'
  | 'order-cancelled'
  | 'order-cancellation-refused';

/** What is said to whom; a job has at most one of each kind. */
export interface Notification {
  readonly jobId: string;
  readonly kind: NotificationKind;
  readonly orderId: string;
  readonly userId: string;
  /** An e-mail address; empty when the customer gave none. */
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
}

/** The notification that an event calls for; undefined for what is no outcome. */
export function notificationOf(event: OrderEvent): Notification | undefined {
  const { payload, jobId, orderId, userId } = event;
  const common = { jobId, orderId, userId };
  switch (payload.type) {
    case 'OrderApproved':
      return {
        ...common,
        kind: 'order-approved',
        recipient: payload.contactEmail,
        subject: `Your order ${orderId} is confirmed`,
        text: `We have charged ${amountText(payload.total)} and will ship your order ${orderId}.`,
      };
    case 'OrderRejected':
      return {
        ...common,
        kind: 'order-rejected',
        recipient: payload.contactEmail,
        subject: `Your order ${orderId} could not be placed`,
        text: `Nothing was charged. ${reasonText(payload.reason)}`,
      };
    case 'OrderCancelled':
      return {
        ...common,
        kind: 'order-cancelled',
        recipient: payload.contactEmail,
        subject: `Your order ${orderId} is cancelled`,
        text: `Your order ${orderId} will not be shipped, and what you paid is refunded.`,
      };
    case 'OrderCancellationRefused':
      return {
        ...common,
        kind: 'order-cancellation-refused',
        recipient: payload.contactEmail,
        subject: `Your order ${orderId} could not be cancelled`,
        text: `Your order is unchanged. ${reasonText(payload.reason)}`,
      };
    case 'OrderPlaced':
    case 'SagaStepCompleted':
    case 'SagaStepFailed':
    case 'SagaStepRetried':
    case 'SagaCompensationStarted':
    case 'SagaStepCompensated':
    case 'OrderCancellationRequested':
      return undefined;
    default:
      return payload satisfies never;
  }
}

function amountText({ currency, minorUnits }: { currency: string; minorUnits: number }): string {
  if (!/^[A-Z]{3}$/.test(currency)) return `${minorUnits} ${currency}`;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const { maximumFractionDigits = 0 } = format.resolvedOptions();
  return format.format(minorUnits / 10 ** maximumFractionDigits);
}

const reasonText = (reason: string): string =>
  Object.hasOwn(REASONS, reason) ? REASONS[reason as keyof typeof REASONS] : `Reason: ${reason}.`;

/** How often and how long sending is tried. */
export const RETRY = {
  attemptsMax: 10,
  firstDelayMs: 500,
  delayMsMax: LIMITS.notification.retryMs,
} as const;

/** What follows a failure to send. */
export type AfterFailure =
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'give-up' };

/**
 * Decides whether to try again after an attempt that failed.
 *
 * @param attempt 1 for the first
 * @param isPermanent the mail server will never take this message
 */
export function afterFailure(attempt: number, isPermanent: boolean): AfterFailure {
  if (isPermanent || attempt >= RETRY.attemptsMax) return { kind: 'give-up' };
  const delayMs = Math.min(RETRY.firstDelayMs * 2 ** (attempt - 1), RETRY.delayMsMax);
  return { kind: 'retry', delayMs };
}
