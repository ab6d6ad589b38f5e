import { type AtOperation, messageFault } from './at-operation.ts';

export interface LateAnswer extends AtOperation {
  readonly ms: number;
}

/**
 * Claims: the answer to one operation is late, when the dependency has long done it.
 * Checks: the wire proxy read the answer and began to hold it.
 * Could be fooled: by a delay that is shorter than every time-out of the service.
 */
export const lateAnswer = messageFault('late-answer', ({ ms }: LateAnswer) => ({
  point: 'answer',
  action: { kind: 'delay', ms },
}));
