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

import type { RowOf } from '../checker/columns/row-layout.ts';
import { TableLists } from '../checker/columns/table-lists.ts';
import {
  JOB_STATES,
  type JobUpdate,
  type KnownUpdates,
  sayingOf,
  UPDATE_KINDS,
} from '../checker/facts/job-updates.ts';
import { type Stretch, Watches } from '../checker/facts/watches.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { type JobFacts, NEVER, type Scope } from '../checker/scope.ts';
import type { HistoryEvent, SocketEvent } from '../history/event.ts';
import { type JobFrame, jobFrame, LEVELS } from '../history/subscriptions.ts';
import { SOCKET_SERVICE } from '../kernel/system.ts';

export const wsDeliveryComplete = defineInvariant({
  name: 'ws-delivery-complete',
  promise: 'A socket gets every update that it watches, once and in order, and sees every gap.',
  concerns: [SOCKET_SERVICE],
  needs: ['websocket', 'kafka'],
  reads: ['ws'],
  diagnosis: {
    causes: [
      'the position of a socket advances before the frame is written',
      'a gap between the end of the replay and the start of the live updates',
      'an update is dropped when its store or its broker is unavailable, or when the socket ' +
        'reads slowly',
    ],
    look: 'the path from the consumer to the socket: log, hint, replay, backpressure',
  },
  start: (scope) => new WsDeliveryComplete(scope),
});

/** An update that is younger than this when a stretch ends may still be on its way. */
const GRACE_MS = 10_000;

/** A frame of a job: its number, the one before it as it says, what it says, and its event. */
const FRAME = {
  sequence: 'number',
  previous: 'number',
  kind: UPDATE_KINDS,
  state: JOB_STATES,
  at: 'number',
} as const;
type Frame = RowOf<typeof FRAME>;

class WsDeliveryComplete implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #watches: Watches;
  /** By watch number. */
  readonly #frames = new TableLists(FRAME);

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#watches = new Watches(scope);
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'ws') this.#socket(event);
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
    const last = this.#frames.last(watch.number);
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
    this.#frames.add(watch.number, {
      // Numbers that a frame lacks count as 0.
      sequence: frame.sequence ?? 0,
      previous: frame.previousSequence ?? 0,
      kind,
      state: frame.state,
      at: event.index,
    });
  }

  finish(): Finding {
    for (const { socket, userId, jobId, watch } of this.#watches.all()) {
      const job = this.#scope.jobOf(jobId);
      const updates = job === undefined ? undefined : this.#scope.updates.of(job);
      const frames = this.#frames.rowsOf(watch.number);
      if (job === undefined || updates === undefined) {
        for (const { at } of frames) {
          this.#findings.violate(
            () => `Socket ${socket} got a frame of job ${jobId}, of which job.updates has nothing.`,
            at,
          );
        }
        continue;
      }
      this.#faithful(socket, job, updates, frames);
      // Of another user's job nothing is due, though a wait for it was acknowledged.
      if (job.userId !== undefined && job.userId !== userId) continue;
      for (const stretch of watch.stretches) {
        this.#stretch({ socket, job, stretch }, updates, frames);
      }
    }
    this.#allJobs();
    return this.#findings.finding();
  }

  /** Each frame says what its update says. */
  #faithful(socket: string, job: JobFacts, updates: KnownUpdates, frames: readonly Frame[]): void {
    for (const frame of frames) {
      const { sequence } = frame;
      const update = updates.bySequence.get(Number(sequence));
      if (update === undefined) {
        this.#findings.violate(
          () =>
            `Socket ${socket} got update ${sequence} of job ${job.id}, which job.updates lacks.`,
          frame.at,
        );
      } else if (update.kind !== frame.kind || update.state !== frame.state) {
        this.#findings.violate(
          () =>
            `Update ${sequence} of job ${job.id} is ${sayingOf(update)} on job.updates, but ` +
            `socket ${socket} got ${sayingOf(frame)}.`,
          update.at,
          frame.at,
        );
      }
    }
  }

  /** Subscriptions to all jobs: of each job that began after them, everything is due. */
  #allJobs(): void {
    for (const { socket, userId, stretch } of this.#watches.allJobs()) {
      for (const job of this.#scope.jobs) {
        if (job.userId !== userId) continue;
        const updates = this.#scope.updates.of(job);
        const first = updates?.bySequence.get(1);
        if (updates === undefined || first === undefined || first.ms < stretch.fromMs) continue;
        const watch = this.#watches.find(socket, job.id);
        if (watch !== undefined && watch.stretches.length > 0) continue;
        const frames = watch === undefined ? [] : this.#frames.rowsOf(watch.number);
        this.#stretch({ socket, job, stretch }, updates, frames);
      }
    }
  }

  #stretch(watched: Watched, updates: KnownUpdates, frames: readonly Frame[]): void {
    checkStretch(this.#findings, watched, { updates, frames, lastMs: this.#scope.lastMs });
  }
}

/** A time during which a socket watched a job. */
interface Watched {
  readonly socket: string;
  readonly job: JobFacts;
  readonly stretch: Stretch;
}

/** Every update of the stretch's level and time came, and each frame names the one before it. */
function checkStretch(
  findings: Findings,
  watched: Watched,
  { updates, frames, lastMs }: { updates: KnownUpdates; frames: readonly Frame[]; lastMs: number },
): void {
  const { socket, job, stretch } = watched;
  if (updates.expiredMs < stretch.fromMs) return;
  const untilAt = stretch.untilAt === NEVER ? Number.POSITIVE_INFINITY : stretch.untilAt;
  const untilMs = stretch.untilAt === NEVER ? lastMs : stretch.untilMs;
  const during = frames.filter(({ at }) => at >= stretch.fromAt && at < untilAt);
  const before = frames.findLast(({ at }) => at < stretch.fromAt)?.sequence ?? 0;
  const after = Math.max(stretch.after, before);
  const lastSeen = during.at(-1)?.sequence ?? 0;
  checkNotAgain(findings, watched, during);
  let previous = 0;
  let place = 0;
  for (const update of updates.inOrder) {
    if (update.level > stretch.level) continue;
    const { sequence } = update;
    const due = previous;
    previous = sequence;
    if (sequence <= after) continue;
    findings.look();
    while ((during[place]?.sequence ?? sequence) < sequence) place++;
    const frame = during[place];
    if (frame?.sequence === sequence) {
      checkPrevious(findings, watched, { update, frame, due });
      continue;
    }
    const inTheMiddle = sequence < lastSeen;
    if (!inTheMiddle && !(stretch.asked && update.ms + GRACE_MS < untilMs)) return;
    findings.violate(
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
function checkNotAgain(
  findings: Findings,
  { socket, job, stretch: { after, ackedAt } }: Watched,
  frames: readonly Frame[],
): void {
  const known = frames.find(({ sequence, at }) => sequence <= after && at > ackedAt);
  if (known === undefined) return;
  findings.violate(
    () => `Socket ${socket} asked for job ${job.id} after ${after} and got ${known.sequence}.`,
    ackedAt,
    known.at,
  );
}

/** A frame names the update that its subscriber saw before. */
function checkPrevious(
  findings: Findings,
  { socket, job, stretch }: Watched,
  { update, frame, due }: { update: JobUpdate; frame: Frame; due: number },
): void {
  if (frame.previous === due) return;
  findings.violate(
    () =>
      `Socket ${socket} got ${frame.previous} as the update before update ` +
      `${frame.sequence} of job ${job.id}; at level ${LEVELS[stretch.level]} it was ${due}.`,
    update.at,
    frame.at,
  );
}
