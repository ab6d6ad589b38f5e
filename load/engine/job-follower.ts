import { nowMs } from '../../harness/history/shard.ts';
import { FrameTracker, type TrackedFrame } from '../model/frame-tracker.ts';
import { dueOf, jobIdOf, type Level } from '../model/jobs.ts';
import type { Customer, SocketWork } from './messages.ts';
import type { WorkerPort } from './worker-port.ts';

const isFinal = (kind: unknown): boolean => kind === 'SUCCEEDED' || kind === 'FAILED';

/** An update, as far as the engine reads it. */
export interface UpdateFrame extends TrackedFrame {
  readonly type: string;
  readonly kind: string;
  readonly detail: string | null;
  /** Of an error. */
  readonly code?: string;
}

export interface FollowerOptions {
  readonly work: SocketWork;
  readonly customer: Customer;
  readonly level: Level;
  readonly isSlow: boolean;
  readonly port: WorkerPort;
  readonly isOwn: (user: number, jobId: string) => boolean | undefined;
  readonly onFinal: (jobId: string) => void;
  /** Jobs of the customer's orders that have no final update yet. */
  readonly openJobs: (user: number) => readonly string[];
}

/** A resumed socket follows so many jobs at most: the contract allows 100 subscriptions. */
const RESUMED_MAX = 80;

/** A message to the service, without its id. */
export type Request = Readonly<Record<string, unknown>>;

/** What one customer's socket follows: all jobs, or one job after the other. */
export class JobFollower {
  readonly #options: FollowerOptions;
  readonly #tracker: FrameTracker;
  readonly isByJob: boolean;
  /** In the subscriptions by job: the number of the job that is followed. */
  #job = 0;
  #connections = 0;
  #connectedMs = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.isByJob = options.work.model.sockets.subscribe === 'by-job';
    const { customer, isOwn, level } = options;
    this.#tracker = new FrameTracker(level, (jobId) => isOwn(customer.user, jobId));
  }

  /** What a new connection asks for: it goes on after what came by the ones before. */
  connected(): Request[] {
    this.#connections += 1;
    this.#connectedMs = nowMs();
    const { level, customer, openJobs } = this.#options;
    if (this.isByJob) {
      const jobId = this.#jobId();
      this.#tracker.begin(jobId, 0);
      return this.#connections > 1
        ? [{ type: 'resume', positions: this.#tracker.positions(), level }]
        : [{ type: 'subscribe', jobId, level, afterSequence: 0 }];
    }
    // A job that began while the socket was away shows by its order only.
    const missed = this.#connections > 1 ? openJobs(customer.user) : [];
    for (const jobId of missed.slice(0, RESUMED_MAX)) this.#tracker.begin(jobId, 0);
    const positions = this.#tracker.positions();
    const resume =
      Object.keys(positions).length === 0 ? [] : [{ type: 'resume', positions, level }];
    return [...resume, { type: 'subscribe', level }];
  }

  /** An order was accepted that was sent before the socket came back: its job may have begun. */
  accepted(jobId: string, sentMs: number): Request[] {
    const isSeen = jobId in this.#tracker.positions();
    if (this.isByJob || this.#connections < 2 || sentMs > this.#connectedMs || isSeen) return [];
    this.#tracker.begin(jobId, 0);
    return [{ type: 'subscribe', jobId, level: this.#options.level, afterSequence: 0 }];
  }

  /** Judges an update. Returns what is asked for because of it. */
  update(frame: UpdateFrame, atMs: number): Request[] {
    const { port, onFinal, isSlow, level } = this.#options;
    const { jobId } = frame;
    // A socket that was never lost has seen every job from its beginning.
    if (this.#connections === 1) this.#tracker.begin(jobId, 0);
    const anomaly = this.#tracker.frame(frame);
    if (anomaly !== undefined) port.count(anomaly);
    const dueMs = dueOf(frame.detail);
    if (dueMs !== undefined && !isSlow) port.time('delivery', atMs - dueMs);
    if (!isFinal(frame.kind)) return [];
    this.#tracker.end(jobId);
    onFinal(jobId);
    if (!this.isByJob || jobId !== this.#jobId()) return [];
    this.#job += 1;
    const next = this.#jobId();
    this.#tracker.begin(next, 0);
    return [
      { type: 'unsubscribe', jobId },
      { type: 'subscribe', jobId: next, level, afterSequence: 0 },
    ];
  }

  /** Whether it lacks updates of its last job, of which so many were published for its customer. */
  isMissing(published: number): boolean {
    const { work, level } = this.#options;
    const perJob = work.model.updates?.perJob ?? 1;
    if (!this.isByJob) return false;
    const finished = Math.floor(published / perJob);
    if (this.#job < finished) return true;
    // At a lower level the last updates of a job that is under way may be none of its own.
    if (level !== 'detail') return false;
    return (this.#tracker.positions()[this.#jobId()] ?? 0) < published - finished * perJob;
  }

  #jobId(): string {
    const { work, customer } = this.#options;
    return jobIdOf(work.runTag, customer.user, this.#job);
  }
}
