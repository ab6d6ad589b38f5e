/** The data embedded in the page as compressed JSON. Created by `collect-jobs.ts`. */

import {
  calls,
  JOB_SERVICES,
  ORCHESTRATORS,
  PARTICIPANTS,
  REST_SERVICE,
  SAGA_READERS,
  type SagaName,
  SOCKET_SERVICE,
} from '../kernel/system.ts';

/** Lanes of a job's timeline, from the client's side to the delivery. */
const LANE_SERVICES: readonly string[] = [
  REST_SERVICE,
  ...ORCHESTRATORS,
  ...PARTICIPANTS,
  ...JOB_SERVICES,
  SOCKET_SERVICE,
];
/** Services without a lane of their own that read how sagas go on. */
const READERS: readonly string[] = SAGA_READERS.filter((name) => !LANE_SERVICES.includes(name));
export const LANES: readonly string[] = ['client', ...LANE_SERVICES, READERS.join(' · ')];

/** The lane of a service; one without a lane is drawn in that of its caller. */
export function laneOf(service: string): number {
  const lane = LANES.indexOf(service);
  if (lane >= 0) return lane;
  const isCalled = !READERS.includes(service) && calls(REST_SERVICE, service);
  return isCalled ? LANES.indexOf(REST_SERVICE) : LANES.length - 1;
}

/** The mark that represents an event. */
export type Mark =
  | 'operation'
  | 'stored'
  | 'command'
  | 'event'
  | 'update'
  | 'frame'
  | 'socket'
  | 'span'
  | 'state'
  | 'process'
  | 'wire'
  | 'fault'
  | 'sample';

export interface ReportEvent {
  /** Index in history.jsonl; line = index + 1. */
  readonly index: number;
  /** Milliseconds since the start of the run. */
  readonly ms: number;
  /** Index in {@link LANES}. */
  readonly lane: number;
  readonly mark: Mark;
  readonly label: string;
  /** Duration of a span or wire operation. */
  readonly lastsMs?: number;
  /** Indexes of its causes within the same job. */
  readonly causes: number[];
  /** True for a refusal, a failure or an error. */
  readonly bad?: boolean;
  readonly detail: unknown;
}

export interface ReportJob {
  readonly jobId: string;
  readonly orderId: string;
  readonly userId: string;
  readonly scenario: string;
  readonly saga: SagaName | '';
  /** SUCCEEDED, FAILED, or the last known state. */
  readonly state: string;
  readonly reason: string;
  readonly lastsMs: number;
  readonly events: ReportEvent[];
  /** State at the end of the run. */
  readonly end: ReportEvent[];
  /** Violations proved by this job's events: invariant and index among its violations. */
  readonly violations: Array<{ readonly invariant: string; readonly place: number }>;
}

export interface ReportData {
  readonly jobs: readonly ReportJob[];
  readonly jobsInAll: number;
  readonly lanes: readonly string[];
  /** Witness events that belong to no shown job. */
  readonly elsewhere: readonly ReportEvent[];
  readonly violations: ReadonlyArray<{
    readonly invariant: string;
    readonly place: number;
    readonly message: string;
    readonly witness: readonly number[];
  }>;
}
