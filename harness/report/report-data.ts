/** What the page is given: one JSON object, compressed into it. Written by `collect-jobs.ts`. */

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

/** How an event is drawn. */
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
  /** Milliseconds since the run began. */
  readonly ms: number;
  /** Place in {@link LANES}. */
  readonly lane: number;
  readonly mark: Mark;
  readonly label: string;
  /** For spans and wire operations. */
  readonly lastsMs?: number;
  /** Indexes of events that led to it, as far as they are of the same job. */
  readonly causes: number[];
  /** True when it did not go well: a refusal, a failure, an error. */
  readonly bad?: boolean;
  readonly detail: unknown;
}

export interface ReportJob {
  readonly jobId: string;
  readonly orderId: string;
  readonly userId: string;
  readonly scenario: string;
  readonly saga: SagaName | '';
  /** SUCCEEDED, FAILED, or where it was left. */
  readonly state: string;
  readonly reason: string;
  readonly lastsMs: number;
  readonly events: ReportEvent[];
  /** What was there when the run had ended. */
  readonly end: ReportEvent[];
  /** Violations that this job's events show: invariant's name and place among its witnesses. */
  readonly violations: Array<{ readonly invariant: string; readonly place: number }>;
}

export interface ReportData {
  readonly jobs: readonly ReportJob[];
  readonly jobsInAll: number;
  readonly lanes: readonly string[];
  /** Events that violations point at and that no shown job has. */
  readonly elsewhere: readonly ReportEvent[];
  readonly violations: ReadonlyArray<{
    readonly invariant: string;
    readonly place: number;
    readonly message: string;
    readonly witness: readonly number[];
  }>;
}
