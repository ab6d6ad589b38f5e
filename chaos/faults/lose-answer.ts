import { messageFault } from './at-operation.ts';

/**
 * Claims: the dependency does what it is asked, and the service never gets the answer.
 * Checks: the wire proxy read the answer to this operation and did not forward a byte of it.
 * Could be fooled: by an operation whose answer says that it had no effect.
 */
export const loseAnswer = messageFault('lose-answer', () => ({
  point: 'answer',
  action: { kind: 'drop' },
}));
