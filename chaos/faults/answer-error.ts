import { type AtOperation, messageFault } from './at-operation.ts';

export interface AnswerError extends AtOperation {
  /** Of the protocol: `NOT_LEADER_OR_FOLLOWER`, `40001`, `UNAVAILABLE`, `READONLY`, `451`. */
  readonly code: string;
  /** Whether the dependency has done it all the same. */
  readonly done?: boolean;
}

/**
 * Claims: an operation is answered with an error, with or without its effect.
 * Checks: the wire proxy wrote this answer in place of the dependency; it reports when the protocol
 * has none with this code.
 * Could be fooled: by a client library that repeats the operation before the service notices.
 */
export const answerError = messageFault('answer-error', ({ code, done }: AnswerError) => ({
  point: done ? 'answer' : 'request',
  action: { kind: 'error', code },
}));
