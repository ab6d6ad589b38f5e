/**
 * The WebSocket contract (contracts/spec/asyncapi.yaml) as far as invariants need it: levels and
 * frames.
 */

export const LEVELS = ['outcome', 'progress', 'detail'] as const;

/** 0 for outcome, 1 for progress, 2 for detail; `undefined` for anything else. */
export function levelOf(level: unknown): number | undefined {
  switch (level) {
    case 'outcome':
    case 'OUTCOME':
      return 0;
    case 'progress':
    case 'PROGRESS':
      return 1;
    case 'detail':
    case 'DETAIL':
      return 2;
    default:
      return undefined;
  }
}

/** The key under which a subscription to all jobs of a user is kept. */
export const ALL_JOBS = '*';

/** A frame that carries something of a job: an update, or that the job has expired. */
export interface JobFrame {
  readonly type: 'update' | 'expired';
  readonly jobId: string;
  readonly sequence: number;
  readonly previousSequence: number;
  readonly level: string;
  readonly kind?: string;
  readonly state: string;
  readonly traceparent?: string | null;
}

/** The message as a frame of a job, if it is one. */
export function jobFrame(message: unknown): JobFrame | undefined {
  const frame = message as JobFrame | undefined;
  return (frame?.type === 'update' || frame?.type === 'expired') && typeof frame.jobId === 'string'
    ? frame
    : undefined;
}
