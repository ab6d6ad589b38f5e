import type { WirePoint } from '../../harness/links/wire-rules.ts';
import { type AtOperation, messageFault } from './at-operation.ts';

export interface CutAt extends AtOperation {
  /** `answer` by default: the dependency has done it. */
  readonly point?: WirePoint;
  /** After the first half of the message. */
  readonly midway?: boolean;
}

/**
 * Claims: a connection ends at one operation: before the dependency has it, before the service has
 * the answer, or in the middle of either.
 * Checks: the wire proxy reset both sides of the connection when it had read this operation.
 * Could be fooled: by a driver that reconnects and repeats the operation itself.
 */
export const cutAt = messageFault('cut-at', ({ point = 'answer', midway = false }: CutAt) => ({
  point,
  action: { kind: 'cut', midway },
}));
