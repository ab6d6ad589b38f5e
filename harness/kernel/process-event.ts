/**
 * The life of every process of a stack, one JSON object a line in `runs/<id>/processes.jsonl`.
 * A `started` line is written before anything depends on the process, so that a later
 * run can end leftover processes; the history takes the whole file as a source.
 */

/** Distinguishes a process from others that had or will have the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot (Linux: /proc/<pid>/stat, field 22) or a date (`ps -o lstart`). */
  readonly startTime: string;
  readonly bootId: string;
}

export const PROCESS_EVENTS = [
  'started',
  'ready',
  'signalled',
  'paused',
  'resumed',
  'exited',
] as const;

export interface ProcessEvent {
  readonly at: string;
  readonly event: (typeof PROCESS_EVENTS)[number];
  /** `supervisor`, an infrastructure component, or an instance id such as `order-1`. */
  readonly id: string;
  readonly kind: 'supervisor' | 'infrastructure' | 'service';
  readonly service?: string;
  readonly identity: ProcessIdentity;
  /** With `signalled`: the signal that was sent. With `exited`: the one that ended it. */
  readonly signal?: string | null;
  readonly code?: number | null;
  /** With `exited`: true when the supervisor was asked to end it. */
  readonly expected?: boolean;
}
