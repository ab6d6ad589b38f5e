/** One customer of a load as a VU of k6: sockets that come back, and orders when they are due. */
import { sleep } from 'k6';
import http from 'k6/http';
import { clearTimeout, setTimeout, type TimeoutID } from 'k6/timers';
import { WebSocket } from 'k6/websockets';
import { newBackoff } from '../engine/backoff.ts';
import { FrameTracker, type TrackedFrame } from '../model/frame-tracker.ts';
import { dueOf, type Level } from '../model/jobs.ts';
import type { LoadModel } from '../model/model-schema.ts';
import { Schedule, stagesOf } from '../model/schedule.ts';
import { anomalies, errors, times, unfinished } from './metrics.ts';

/** Where the system is, and what an order of it has. */
export interface Target {
  /** Of `GET /v1/updates`, one for each node. */
  readonly webSocketUrls: readonly string[];
  readonly gatewayUrl: string;
  readonly orderBody: string;
}

export interface CustomerOptions {
  readonly model: LoadModel;
  readonly target: Target;
  readonly token: string;
  /** Its place among the customers of the load. */
  readonly number: number;
  readonly customers: number;
  readonly levels: readonly Level[];
  readonly isSlow: boolean;
  /** When arrivals begin, and when sockets are closed for good. */
  readonly startMs: number;
  readonly endMs: number;
}

interface Frame extends TrackedFrame {
  readonly type: string;
  readonly kind: string;
  readonly detail: string | null;
  readonly occurredAt: string;
}

/** How long a stalled reader does nothing for each frame. */
const STALL_SECONDS = 0.5;
const COMMAND_TIMEOUT = '20s';
/** A resumed socket follows so many jobs at most: the contract allows 100 subscriptions. */
const RESUMED_MAX = 80;
const isFinal = (kind: string): boolean => kind === 'SUCCEEDED' || kind === 'FAILED';

/** Orders per second of a model: one makes about as many updates as a published job has. */
function ordersPerSecond({ sagas, updates }: LoadModel): number {
  if (sagas !== undefined) return sagas.perSecond;
  return updates === undefined ? 0 : updates.perSecond / updates.perJob;
}

/** Plays a customer until the load is over; its VU ends when its sockets and timers have. */
export class K6Customer {
  readonly #options: CustomerOptions;
  /** Own jobs, each with when its command was due. */
  readonly #due = new Map<string, number>();
  readonly #finished = new Set<string>();
  /** Jobs whose final update came before the answer to their command. */
  readonly #early = new Set<string>();
  /** Jobs of all frames: in the end each of them has to be its own. */
  readonly #seen = new Set<string>();
  #unanswered = 0;
  readonly #sockets: K6Socket[];

  constructor(options: CustomerOptions) {
    this.#options = options;
    const isOwn = (jobId: string) => (this.#due.has(jobId) ? true : undefined);
    this.#sockets = options.levels.map(
      (level, place) =>
        new K6Socket({
          ...{ ...options, level, place, isOwn },
          openJobs: () => [...this.#due.keys()].filter((jobId) => !this.#finished.has(jobId)),
          onSeen: (jobId) => this.#seen.add(jobId),
          onFinal: (jobId) => this.#end(jobId),
        }),
    );
  }

  play(): void {
    for (const socket of this.#sockets) socket.open(Date.now());
    const { churn } = this.#options.model;
    this.#at(ordersPerSecond(this.#options.model), (dueMs) => {
      this.#order(dueMs).catch(() => errors.add(true));
    });
    // k6 cannot cut a connection: all sockets that come and go close properly.
    this.#at(churn?.perSecond ?? 0, () => {
      this.#sockets[Math.floor(Math.random() * this.#sockets.length)]?.leave();
    });
    setTimeout(() => {
      for (const socket of this.#sockets) socket.end();
      this.#conclude();
    }, this.#options.endMs - Date.now());
  }

  #conclude(): void {
    unfinished.add(this.#due.size - this.#finished.size);
    // A command without an answer has a job that is not known here.
    if (this.#unanswered > 0) return;
    for (const jobId of this.#seen) if (!this.#due.has(jobId)) anomalies.leak.add(1);
  }

  /** Customers take turns: together they have the rate of the model. */
  #at(perSecond: number, act: (dueMs: number) => void): void {
    const { model, number, customers, startMs } = this.#options;
    if (perSecond === 0) return;
    const schedule = new Schedule(stagesOf(perSecond, model));
    const next = (n: number): void => {
      const dueMs = schedule.dueMs(n);
      if (dueMs === undefined) return;
      const waitMs = Math.max(0, startMs + dueMs - Date.now());
      setTimeout(() => {
        next(n + customers);
        act(startMs + dueMs);
      }, waitMs);
    };
    next(number);
  }

  async #order(dueMs: number): Promise<void> {
    const { target, token } = this.#options;
    const key = `k6-${this.#options.number}-${dueMs.toFixed(0)}-${Math.random()}`;
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    };
    const params = { headers, timeout: COMMAND_TIMEOUT };
    const url = `${target.gatewayUrl}/v1/orders`;
    this.#unanswered += 1;
    const response = await http.asyncRequest('POST', url, target.orderBody, params);
    if (response.status !== 0) this.#unanswered -= 1;
    const isAccepted = response.status === 202;
    errors.add(!isAccepted);
    if (!isAccepted) return;
    times.accept.add(Date.now() - dueMs);
    const jobId = String(response.json('jobId'));
    this.#due.set(jobId, dueMs);
    for (const socket of this.#sockets) socket.follow(jobId);
    if (this.#early.delete(jobId)) this.#end(jobId);
  }

  #end(jobId: string): void {
    const dueMs = this.#due.get(jobId);
    // A final update may come before the answer to its command.
    if (dueMs === undefined) this.#early.add(jobId);
    else if (!this.#finished.has(jobId)) {
      this.#finished.add(jobId);
      times.saga.add(Date.now() - dueMs);
    }
  }
}

interface SocketOptions extends CustomerOptions {
  readonly level: Level;
  readonly place: number;
  readonly isOwn: (jobId: string) => boolean | undefined;
  readonly openJobs: () => readonly string[];
  readonly onSeen: (jobId: string) => void;
  readonly onFinal: (jobId: string) => void;
}

/** A socket that comes back when it is lost, and resumes after what it saw. */
class K6Socket {
  readonly #options: SocketOptions;
  readonly #tracker: FrameTracker;
  readonly #backoff = newBackoff(Math.random);
  readonly #jobs = new Set<string>();
  #ws: WebSocket | undefined;
  #timer: TimeoutID | undefined;
  #opened = 0;
  #requests = 0;
  #lostMs: number | undefined;
  #isEnding = false;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#tracker = new FrameTracker(options.level, options.isOwn);
  }

  open(dueMs: number): void {
    if (this.#isEnding) return;
    const { target, token, place, number } = this.#options;
    const urls = target.webSocketUrls;
    const url = urls[(number + place + this.#opened++) % urls.length] ?? '';
    let isOpened = false;
    const ws = new WebSocket(url, null, { headers: { authorization: `Bearer ${token}` } });
    ws.onopen = () => {
      isOpened = true;
      errors.add(false);
      times.connect.add(Date.now() - dueMs);
      this.#subscribe();
    };
    ws.onmessage = (event) => this.#received(String(event?.data));
    ws.onclose = () => this.#closed(isOpened);
    // The close that follows says what is wrong with a connection.
    ws.onerror = () => undefined;
    this.#ws = ws;
  }

  /** Of a subscription by job: the job of an order that was accepted. */
  follow(jobId: string): void {
    if (this.#options.model.sockets.subscribe !== 'by-job') return;
    this.#jobs.add(jobId);
    this.#tracker.begin(jobId, 0);
    this.#send({ type: 'subscribe', jobId, level: this.#options.level, afterSequence: 0 });
  }

  /** Ends and comes back. */
  leave(): void {
    if (this.#ws?.readyState === WebSocket.OPEN) this.#ws.close(1000);
  }

  end(): void {
    this.#isEnding = true;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#ws?.close(1000);
  }

  #subscribe(): void {
    const { level, model, openJobs } = this.#options;
    // A job that began while the socket was away shows by its order only.
    const missed = this.#opened > 1 ? openJobs() : [];
    for (const jobId of missed.slice(0, RESUMED_MAX)) this.#tracker.begin(jobId, 0);
    const positions = this.#tracker.positions();
    if (Object.keys(positions).length > 0) this.#send({ type: 'resume', positions, level });
    if (model.sockets.subscribe === 'all-jobs') this.#send({ type: 'subscribe', level });
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    if (this.#ws?.readyState !== WebSocket.OPEN) return;
    this.#ws.send(JSON.stringify({ requestId: `r${++this.#requests}`, ...message }));
  }

  #closed(wasOpen: boolean): void {
    if (this.#isEnding) return;
    if (!wasOpen) errors.add(true);
    this.#lostMs ??= Date.now();
    this.#timer = setTimeout(() => this.open(Date.now()), this.#backoff.next());
  }

  #received(text: string): void {
    const frame = JSON.parse(text) as Frame;
    if (frame.type === 'subscribed') this.#acknowledged();
    if (frame.type === 'error') errors.add(true);
    if (frame.type !== 'update') return;
    this.#options.onSeen(frame.jobId);
    if (this.#options.isSlow) sleep(STALL_SECONDS);
    else times.delivery.add(Date.now() - (dueOf(frame.detail) ?? Date.parse(frame.occurredAt)));
    // A socket that was never lost has seen every job from its beginning.
    if (this.#opened === 1) this.#tracker.begin(frame.jobId, 0);
    const anomaly = this.#tracker.frame(frame);
    if (anomaly !== undefined) anomalies[anomaly].add(1);
    if (!isFinal(frame.kind)) return;
    this.#tracker.end(frame.jobId);
    this.#options.onFinal(frame.jobId);
    if (this.#jobs.delete(frame.jobId)) this.#send({ type: 'unsubscribe', jobId: frame.jobId });
  }

  #acknowledged(): void {
    this.#backoff.reset();
    if (this.#lostMs !== undefined) times.reconnect.add(Date.now() - this.#lostMs);
    this.#lostMs = undefined;
  }
}
