import { messageFault } from './at-operation.ts';

/**
 * Claims: from one operation on, nothing passes on its connection, which stays open: a peer that
 * vanished without a word.
 * Checks: the wire proxy read this operation and forwards nothing of its connection since.
 * Could be fooled: by a client with several connections, of which one is enough.
 */
export const blackHole = messageFault('black-hole', () => ({
  point: 'request',
  action: { kind: 'black-hole' },
}));
