/** The columns of the exposure matrix: what can happen to a service or to one of its links. */

/** Of one link: the service cannot reach a dependency, reaches it late, or gets errors from it. */
export const LINK_FAULTS = ['cut', 'latency', 'error'] as const;

export const FAULT_KINDS = [
  'kill',
  'restart',
  'pause',
  ...LINK_FAULTS,
  'redelivery',
  'rebalance',
  'expired-token',
  'second-node',
  'other',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** By the name of a fault, without the suffix of those that hit one operation. */
const KIND_OF_NAME: Readonly<Record<string, FaultKind>> = {
  cut: 'cut',
  hang: 'cut',
  reset: 'cut',
  'black-hole': 'cut',
  'lose-request': 'cut',
  'lost-request': 'cut',
  'lose-answer': 'cut',
  'lost-answer': 'cut',
  latency: 'latency',
  late: 'latency',
  'late-answer': 'latency',
  reorder: 'latency',
  'time-out': 'latency',
  error: 'error',
  'answer-error': 'error',
  duplicate: 'redelivery',
  kill: 'kill',
  pause: 'pause',
  restart: 'restart',
};

/** Faults of single messages that do not say so in their name. */
const MESSAGE_FAULTS: ReadonlySet<string> = new Set([
  ...['lose-request', 'lose-answer', 'late-answer', 'duplicate'],
  ...['reorder', 'answer-error', 'black-hole'],
]);
const AT_OPERATION = /-at(?:-operation)?$/;

/** What a recorded fault is, and whether one decoded operation was hit: then there was work. */
export function faultKind(name: string): {
  readonly kind: FaultKind;
  readonly isAtOperation: boolean;
} {
  const base = name.replace(AT_OPERATION, '');
  const isAtOperation = base !== name || MESSAGE_FAULTS.has(base);
  return { kind: KIND_OF_NAME[base] ?? 'other', isAtOperation };
}
