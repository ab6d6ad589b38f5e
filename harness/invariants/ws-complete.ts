/**
 * Claims: a socket gets, of each job that it watches, every update of its level, once, in order,
 * from where it asked to begin until it closes; what a frame says, and which one it says came
 * before, is what `job.updates` has.
 *
 * Checks: for each stretch of a subscription (from its acknowledgement to the next change of it or
 * the close), the updates on `job.updates` of its level and after its position against the frames.
 * A gap in the middle is a violation always; a missing end only when the client closed the socket
 * itself, or it is still open, long after the update.
 *
 * Could be fooled: by a late frame that a client did not wait for; updates younger than the grace
 * time when the stretch ended are not asked for.
 */
import type { HistoryEvent, KafkaRecord, SocketEvent } from '../history/event.ts';
import type { Checker, Finding, Invariant } from './invariant.ts';
import { contentOf } from './records.ts';
import { type JobFacts, NEVER, type Scope } from './scope.ts';
import { type JobFrame, jobFrame, LEVELS, levelOf } from './subscriptions.ts';
import { Findings } from './violations.ts';
import { type Stretch, type Watch, Watches } from './watches.ts';

export const wsComplete: Invariant = {
  name: 'ws-complete',
  promise: 'A socket gets every update that it watches, once and in order, and sees every gap.',
  needs: ['websocket', 'kafka'],
  reads: ['ws', 'kafka'],
  start: (scope) => new WsComplete(scope),
};

/** An update that is younger than this when a stretch ends may still be on its way. */
const GRACE_MS = 10_000;

const KINDS = [
  'UNKNOWN',
  'STARTED',
  'STEP_COMPLETED',
  'STEP_FAILED',
  'STEP_RETRIED',
  'COMPENSATING',
  'STEP_COMPENSATED',
  'DOMAIN_EVENT',
  'SUCCEEDED',
  'FAILED',
  'EXPIRED',
];
const STATES = ['ISSUED', 'RUNNING', 'COMPENSATING', 'SUCCEEDED', 'FAILED'];

/** What `job.updates` has of a job, by sequence number. */
interface Updates {
  readonly at: number[];
  readonly level: number[];
  readonly said: number[];
  readonly ms: number[];
  expiredMs: number;
}

class WsComplete implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #updates: Updates[] = [];
  readonly #watches = new Watches();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'kafka') this.#update(event);
    else if (event.type === 'ws') this.#socket(event);
  }

  #update(record: KafkaRecord): void {
    if (this.#scope.republished) return;
    const update = contentOf(record, 'job.updates');
    const { job } = this.#scope;
    if (update === undefined || job === undefined) return;
    let updates = this.#updates[job.number];
    if (updates === undefined) {
      updates = { at: [], level: [], said: [], ms: [], expiredMs: Number.POSITIVE_INFINITY };
      this.#updates[job.number] = updates;
    }
    const { sequence } = update;
    if (updates.at[sequence] !== undefined) return;
    // Filled up, so that the arrays stay dense.
    while (updates.at.length <= sequence) {
      updates.at.push(NEVER);
      updates.level.push(NEVER);
      updates.said.push(NEVER);
      updates.ms.push(0);
    }
    updates.at[sequence] = record.index;
    updates.level[sequence] = levelOf(update.level) ?? LEVELS.length;
    updates.said[sequence] = saidBy(update.kind, update.state);
    updates.ms[sequence] = record.timestampMs;
    if (update.kind === 'EXPIRED') updates.expiredMs = record.timestampMs;
  }

  #socket(event: SocketEvent): void {
    const { what, message, socket } = event;
    if (what === 'closed')
      this.#watches.close(socket, event.index, event.atMs, event.closeCode === 1000);
    if (what === 'sent') this.#watches.sent(event);
    if (what !== 'frame') return;
    const frame = jobFrame(message);
    if (frame === undefined) this.#watches.answered(event);
    else this.#frame(event, frame);
  }

  #frame(event: SocketEvent, frame: JobFrame): void {
    this.#findings.look();
    const watch = this.#watches.of(event.socket, frame.jobId);
    const last = watch.sequences.at(-1);
    if (last !== undefined && frame.sequence <= last) {
      this.#findings.violate(
        () =>
          `Socket ${event.socket} got update ${frame.sequence} of job ${frame.jobId} ` +
          `${frame.sequence === last ? 'twice' : `after update ${last}`}.`,
        watch.at.at(-1) ?? NEVER,
        event.index,
      );
      return;
    }
    const kind = frame.type === 'expired' ? 'EXPIRED' : (frame.kind ?? 'UNKNOWN');
    watch.sequences.push(frame.sequence);
    watch.previous.push(frame.previousSequence);
    watch.said.push(saidBy(kind, frame.state));
    watch.at.push(event.index);
  }

  finish(): Finding {
    for (const { socket, userId, jobId, watch } of this.#watches.all()) {
      const job = this.#scope.jobOf(jobId);
      const updates = job === undefined ? undefined : this.#updates[job.number];
      if (job === undefined || updates === undefined) {
        for (const at of watch.at) {
          this.#findings.violate(
            () => `Socket ${socket} got a frame of job ${jobId}, of which job.updates has nothing.`,
            at,
          );
        }
        continue;
      }
      this.#faithful(socket, job, updates, watch);
      // Of another user's job nothing is due, though a wait for it was acknowledged.
      if (job.userId !== undefined && job.userId !== userId) continue;
      for (const stretch of watch.stretches) {
        this.#complete(socket, job, updates, watch, stretch);
      }
    }
    this.#allJobs();
    return this.#findings.finding();
  }

  /** Each frame says what its update says. */
  #faithful(socket: string, job: JobFacts, updates: Updates, watch: Watch): void {
    for (const [place, sequence] of watch.sequences.entries()) {
      const frameAt = watch.at[place] ?? NEVER;
      const updateAt = updates.at[sequence] ?? NEVER;
      if (updateAt === NEVER) {
        this.#findings.violate(
          () =>
            `Socket ${socket} got update ${sequence} of job ${job.id}, which job.updates lacks.`,
          frameAt,
        );
      } else if (updates.said[sequence] !== watch.said[place]) {
        this.#findings.violate(
          () =>
            `Update ${sequence} of job ${job.id} is ${sayingOf(updates.said[sequence])} on ` +
            `job.updates, but socket ${socket} got ${sayingOf(watch.said[place])}.`,
          updateAt,
          frameAt,
        );
      }
    }
  }

  /** Every update of the stretch's level and time came, and each frame names the one before it. */
  #complete(socket: string, job: JobFacts, updates: Updates, watch: Watch, stretch: Stretch): void {
    if (updates.expiredMs < stretch.fromMs) return;
    const untilAt = stretch.untilAt === NEVER ? Number.POSITIVE_INFINITY : stretch.untilAt;
    const untilMs = stretch.untilAt === NEVER ? this.#scope.lastMs : stretch.untilMs;
    let place = watch.at.findIndex((at) => at >= stretch.fromAt);
    if (place < 0) place = watch.at.length;
    const seenBefore = watch.sequences[place - 1] ?? 0;
    const after = Math.max(stretch.after, seenBefore);
    const lastPlace = watch.at.findLastIndex((at) => at < untilAt);
    const lastSeen = lastPlace < place ? 0 : (watch.sequences[lastPlace] ?? 0);
    let previous = 0;
    for (let sequence = 1; sequence < updates.at.length; sequence++) {
      const updateAt = updates.at[sequence] ?? NEVER;
      if (updateAt === NEVER || (updates.level[sequence] ?? 0) > stretch.level) continue;
      const before = previous;
      previous = sequence;
      if (sequence <= after) continue;
      this.#findings.look();
      while (place <= lastPlace && (watch.sequences[place] ?? 0) < sequence) place++;
      const frameAt = watch.at[place] ?? NEVER;
      if (place <= lastPlace && watch.sequences[place] === sequence) {
        if (watch.previous[place] === before) continue;
        this.#findings.violate(
          () =>
            `Socket ${socket} was told that update ${watch.previous[place]} came before update ` +
            `${sequence} of job ${job.id}; at level ${LEVELS[stretch.level]} it was ${before}.`,
          updateAt,
          frameAt,
        );
        continue;
      }
      const inTheMiddle = sequence < lastSeen;
      const due = stretch.asked && (updates.ms[sequence] ?? 0) + GRACE_MS < untilMs;
      if (!inTheMiddle && !due) return;
      this.#findings.violate(
        () =>
          `Socket ${socket} watches job ${job.id} at level ${LEVELS[stretch.level]} and never got ` +
          `update ${sequence}.`,
        stretch.ackedAt,
        updateAt,
        inTheMiddle ? frameAt : NEVER,
      );
      return;
    }
  }

  /** Subscriptions to all jobs: of each job that began after them, everything is due. */
  #allJobs(): void {
    for (const { socket, userId, stretch } of this.#watches.allJobs()) {
      for (const job of this.#scope.jobs) {
        const updates = this.#updates[job.number];
        if (job.userId !== userId || updates === undefined) continue;
        if ((updates.at[1] ?? NEVER) === NEVER || (updates.ms[1] ?? 0) < stretch.fromMs) continue;
        const watch = this.#watches.find(socket, job.id);
        if (watch !== undefined && watch.stretches.length > 0) continue;
        this.#complete(socket, job, updates, watch ?? Watches.empty(), stretch);
      }
    }
  }
}

const saidBy = (kind: string, state: string): number =>
  KINDS.indexOf(kind) * STATES.length + STATES.indexOf(state);

function sayingOf(said: number | undefined): string {
  if (said === undefined) return 'nothing';
  const kind = KINDS[Math.floor(said / STATES.length)];
  return `${kind} (${STATES[said % STATES.length]})`;
}
