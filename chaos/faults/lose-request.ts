import { messageFault } from './at-operation.ts';

/**
 * Claims: a request is lost on its way; the dependency gets nothing of it, the connection stays.
 * Checks: the wire proxy read this operation and did not forward it.
 * Could be fooled: by a client that sends it again on another connection; that one passes.
 */
export const loseRequest = messageFault('lose-request', () => ({
  point: 'request',
  action: { kind: 'drop' },
}));
