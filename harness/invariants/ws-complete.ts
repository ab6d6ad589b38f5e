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
import {
  addFrame,
  countFrames,
  type Frame,
  frameAt,
  framesOf,
  type Stretch,
  type Watch,
  Watches,
} from './watches.ts';

export const wsComplete: Invariant = {
  name: 'ws-complete',
  promise: 'A socket gets every update that it watches, once and in order, and sees every gap.',
  needs: ['websocket', 'kafka'],
  reads: ['ws', 'kafka'],
  start: (scope) => new WsComplete(scope),
};

/** An update that is younger than this when a stretch ends may still be on its way. */
const GRACE_MS = 10_000;

/** No job has so many updates: a number above it is nonsense, which job-monotone tells. */
const SEQUENCE_MAX = 100_000;

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

/**
 * What `job.updates` has of a job: for each sequence number, {@link UPDATE_NUMBERS} numbers, which
 * are the event's index (-1 when there is none), its level and what it says in one, and when it
 * was made.
 */
interface Updates {
  readonly rows: number[];
  expiredMs: number;
}
const UPDATE_NUMBERS = 3;
/** More than there are levels. */
const LEVEL_RADIX = 4;

interface Update {
  readonly at: number;
  readonly level: number;
  readonly said: number;
  readonly ms: number;
}

function updateOf({ rows }: Updates, sequence: number): Update | undefined {
  const from = sequence * UPDATE_NUMBERS;
  const at = rows[from];
  if (at === undefined || at === NEVER) return undefined;
  const [both = 0, ms = 0] = [rows[from + 1], rows[from + 2]];
  return { at, level: both % LEVEL_RADIX, said: Math.floor(both / LEVEL_RADIX), ms };
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
      updates = { rows: [], expiredMs: Number.POSITIVE_INFINITY };
      this.#updates[job.number] = updates;
    }
    const { rows } = updates;
    const { sequence } = update;
    if (sequence > SEQUENCE_MAX || updateOf(updates, sequence) !== undefined) return;
    // Filled up, so that the array stays dense.
    while (rows.length < sequence * UPDATE_NUMBERS) rows.push(NEVER, 0, 0);
    const from = sequence * UPDATE_NUMBERS;
    rows[from] = record.index;
    const level = levelOf(update.level) ?? LEVELS.length;
    rows[from + 1] = saidBy(update.kind, update.state) * LEVEL_RADIX + level;
    rows[from + 2] = record.timestampMs;
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
    const last = frameAt(watch, countFrames(watch) - 1);
    if (last !== undefined && frame.sequence <= last.sequence) {
      const how = frame.sequence === last.sequence ? 'twice' : `after update ${last.sequence}`;
      this.#findings.violate(
        () => `Socket ${event.socket} got update ${frame.sequence} of job ${frame.jobId} ${how}.`,
        last.at,
        event.index,
      );
      return;
    }
    const kind = frame.type === 'expired' ? 'EXPIRED' : (frame.kind ?? 'UNKNOWN');
    addFrame(watch, {
      sequence: frame.sequence,
      previous: frame.previousSequence,
      said: saidBy(kind, frame.state),
      at: event.index,
    });
  }

  finish(): Finding {
    for (const { socket, userId, jobId, watch } of this.#watches.all()) {
      const job = this.#scope.jobOf(jobId);
      const updates = job === undefined ? undefined : this.#updates[job.number];
      if (job === undefined || updates === undefined) {
        for (const { at } of framesOf(watch)) {
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
    for (const frame of framesOf(watch)) {
      const { sequence, said } = frame;
      const update = updateOf(updates, sequence);
      if (update === undefined) {
        this.#findings.violate(
          () =>
            `Socket ${socket} got update ${sequence} of job ${job.id}, which job.updates lacks.`,
          frame.at,
        );
      } else if (update.said !== said) {
        this.#findings.violate(
          () =>
            `Update ${sequence} of job ${job.id} is ${sayingOf(update.said)} on job.updates, but ` +
            `socket ${socket} got ${sayingOf(said)}.`,
          update.at,
          frame.at,
        );
      }
    }
  }

  /** Every update of the stretch's level and time came, and each frame names the one before it. */
  #complete(socket: string, job: JobFacts, updates: Updates, watch: Watch, stretch: Stretch): void {
    if (updates.expiredMs < stretch.fromMs) return;
    const untilAt = stretch.untilAt === NEVER ? Number.POSITIVE_INFINITY : stretch.untilAt;
    const untilMs = stretch.untilAt === NEVER ? this.#scope.lastMs : stretch.untilMs;
    const frames = [...framesOf(watch)];
    const during = frames.filter(({ at }) => at >= stretch.fromAt && at < untilAt);
    const before = frames.findLast(({ at }) => at < stretch.fromAt)?.sequence ?? 0;
    const after = Math.max(stretch.after, before);
    const lastSeen = during.at(-1)?.sequence ?? 0;
    this.#notAgain(socket, job, stretch, during);
    let previous = 0;
    let place = 0;
    const count = updates.rows.length / UPDATE_NUMBERS;
    for (let sequence = 1; sequence < count; sequence++) {
      const update = updateOf(updates, sequence);
      if (update === undefined || update.level > stretch.level) continue;
      const due = previous;
      previous = sequence;
      if (sequence <= after) continue;
      this.#findings.look();
      while ((during[place]?.sequence ?? sequence) < sequence) place++;
      const frame = during[place];
      if (frame?.sequence === sequence) {
        this.#previous(socket, job, { stretch, update, frame, due });
        continue;
      }
      const inTheMiddle = sequence < lastSeen;
      if (!inTheMiddle && !(stretch.asked && update.ms + GRACE_MS < untilMs)) return;
      this.#findings.violate(
        () =>
          `Socket ${socket} watches job ${job.id} at level ${LEVELS[stretch.level]} and never got ` +
          `update ${sequence}.`,
        stretch.ackedAt,
        update.at,
        frame?.at ?? NEVER,
      );
      return;
    }
  }

  /** Nothing comes that the client said it had. */
  #notAgain(socket: string, job: JobFacts, { after, ackedAt }: Stretch, frames: Frame[]): void {
    const known = frames.find(({ sequence, at }) => sequence <= after && at > ackedAt);
    if (known === undefined) return;
    this.#findings.violate(
      () => `Socket ${socket} asked for job ${job.id} after ${after} and got ${known.sequence}.`,
      ackedAt,
      known.at,
    );
  }

  /** A frame names the update that its subscriber saw before. */
  #previous(
    socket: string,
    job: JobFacts,
    seen: { stretch: Stretch; update: Update; frame: Frame; due: number },
  ): void {
    const { stretch, update, frame, due } = seen;
    if (frame.previous === due) return;
    this.#findings.violate(
      () =>
        `Socket ${socket} was told that update ${frame.previous} came before update ` +
        `${frame.sequence} of job ${job.id}; at level ${LEVELS[stretch.level]} it was ${due}.`,
      update.at,
      frame.at,
    );
  }

  /** Subscriptions to all jobs: of each job that began after them, everything is due. */
  #allJobs(): void {
    for (const { socket, userId, stretch } of this.#watches.allJobs()) {
      for (const job of this.#scope.jobs) {
        const updates = this.#updates[job.number];
        if (job.userId !== userId || updates === undefined) continue;
        const first = updateOf(updates, 1);
        if (first === undefined || first.ms < stretch.fromMs) continue;
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
