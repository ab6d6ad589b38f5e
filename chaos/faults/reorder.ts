import { messageFault } from './at-operation.ts';

/**
 * Claims: two operations of one connection and direction arrive in the other order.
 * Checks: the wire proxy kept this one back for the next.
 * Could be fooled: by a connection on which no other follows: lifting the fault forwards it.
 */
export const reorder = messageFault('reorder', () => ({
  point: 'request',
  action: { kind: 'reorder' },
}));
