import type { GroupKey } from './settings.ts';

export type PersistentSubscriptionErrorCode =
  | 'exists'
  | 'does-not-exist'
  | 'maximum-subscribers-reached'
  | 'dropped'
  | 'failed';

/** An operational error of persistent subscriptions; callers match on `code`. */
export class PersistentSubscriptionError extends Error {
  readonly code: PersistentSubscriptionErrorCode;
  readonly key: GroupKey;
  constructor(code: PersistentSubscriptionErrorCode, key: GroupKey, reason = '') {
    super(messageOf(code, key, reason));
    this.name = 'PersistentSubscriptionError';
    this.code = code;
    this.key = key;
  }
}

function messageOf(
  code: PersistentSubscriptionErrorCode,
  { source, group }: GroupKey,
  reason: string,
): string {
  switch (code) {
    case 'exists':
      return `Subscription group ${group} on stream ${source} exists.`;
    case 'does-not-exist':
      return `Subscription group ${group} on stream ${source} does not exist.`;
    case 'maximum-subscribers-reached':
      return `Maximum subscriptions reached for subscription group ${group} on stream ${source}.`;
    case 'dropped':
      return `Subscription group ${group} on stream ${source} was dropped.`;
    case 'failed':
      return `Subscription group ${group} on stream ${source} failed: '${reason}'`;
    default:
      return code satisfies never;
  }
}
