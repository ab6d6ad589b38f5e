/** What happened to a resource while a stack goes up or down. */
const PHASES = ['starting', 'ready', 'failed', 'stopping', 'stopped', 'exited'] as const;
export type Phase = (typeof PHASES)[number];

export interface ProgressEvent {
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  /** `stack` for the whole, else the resource's name. */
  readonly resource: string;
  readonly phase: Phase;
  /** Since the resource began to start or stop. */
  readonly elapsedMs?: number;
  /** Why it failed, or how it ended. */
  readonly detail?: string;
}
