/**
 * Claims: a job reports everything that its saga does and nothing else: each event of the saga
 * makes one update, which says the same, in the saga's order.
 *
 * Checks: matches events on `order.events` with the updates whose `causationId` names them: kind,
 * step, and of a failure the reason. Events and updates of a job must come in the same order.
 *
 * Could be fooled: about participants' own events, which come by other topics: those that come when
 * the job has ended are legally left out, so none of them is asked for.
 */

import { TableRows } from '../checker/columns/table-rows.ts';
import { FAILURE_UPDATES, PARTICIPANT_UPDATES, UPDATE_OF } from '../checker/facts/sagas.ts';
import { Findings } from '../checker/findings.ts';
import { type DeadlineChecker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { type JobFacts, NEVER, type Scope } from '../checker/scope.ts';
import type { HistoryEvent, KafkaRecord } from '../history/event.ts';
import { contentOf } from '../history/records.ts';
import { JOB_SERVICES } from '../kernel/system.ts';

/** From an event to its update, on a machine that has more to do. */
const DEADLINE_MS = 10_000;

export const jobUpdatesMatchSaga = defineInvariant({
  name: 'job-updates-match-saga',
  promise: 'Each event of a saga makes one update of its job, which says the same, in its order.',
  concerns: JOB_SERVICES,
  needs: ['client', 'kafka'],
  reads: ['kafka'],
  deadlineMs: DEADLINE_MS,
  diagnosis: {
    causes: [
      'an event type has no mapping, or is mapped to another kind of update',
      'a repeated event makes a second update: ids are not compared',
      'events of one append are folded in parallel',
    ],
    look: 'the mapping from saga events to job updates',
  },
  start: (scope) => new JobUpdatesMatchSaga(scope),
});

/** Kinds of updates that report no event of the saga: a job expires by the clock. */
const OF_OTHERS: ReadonlySet<string> = new Set([...PARTICIPANT_UPDATES, 'EXPIRED']);

/** An event whose update was not seen yet, or the other way round. */
interface Half {
  readonly job: JobFacts;
  readonly says: string;
  /** What it is, for a message. */
  readonly what: string;
  readonly sequence: number;
  readonly at: number;
  readonly ms: number;
}

class JobUpdatesMatchSaga implements DeadlineChecker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  /** By the event's message id; few at any time. */
  readonly #events = new Map<string, Half>();
  readonly #updates = new Map<string, Half>();
  /** By job number, its latest pair: the numbers of its event and its update, and where it is. */
  readonly #latest = new TableRows({ event: 'number', update: 'number', at: 'number' });

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    const { job, republished } = this.#scope;
    if (event.type !== 'kafka' || republished || job === undefined) return;
    this.#event(event, job);
    this.#update(event, job);
  }

  #event(record: KafkaRecord, job: JobFacts): void {
    const value = contentOf(record, 'order.events');
    const kind = UPDATE_OF[value?.payload.type ?? ''];
    if (value === undefined || kind === undefined) return;
    this.#findings.look();
    const half: Half = {
      job,
      says: sayingOf(kind, value.payload),
      what: value.payload.type,
      sequence: value.sequence,
      at: record.index,
      ms: record.timestampMs,
    };
    const update = this.#updates.get(value.messageId);
    if (update === undefined) this.#events.set(value.messageId, half);
    else {
      this.#updates.delete(value.messageId);
      this.#match(half, update);
    }
  }

  #update(record: KafkaRecord, job: JobFacts): void {
    const value = contentOf(record, 'job.updates');
    if (value === undefined || OF_OTHERS.has(value.kind)) return;
    const half: Half = {
      job,
      says: sayingOf(value.kind, value),
      what: value.kind,
      sequence: value.sequence,
      at: record.index,
      ms: record.timestampMs,
    };
    const event = this.#events.get(value.causationId);
    if (event === undefined) this.#updates.set(value.causationId, half);
    else {
      this.#events.delete(value.causationId);
      this.#match(event, half);
    }
  }

  #match(event: Half, update: Half): void {
    const { job, sequence } = update;
    if (event.job !== job || event.says !== update.says) {
      this.#findings.violate(
        () =>
          `Update ${sequence} of job ${job.id} says ${update.says}; its cause, ${event.what} of ` +
          `job ${event.job.id}, is ${event.says}.`,
        event.at,
        update.at,
      );
      return;
    }
    const latest = this.#latest.get(job.number);
    const isAfter = event.sequence > latest.event;
    if (latest.at !== NEVER && isAfter !== sequence > latest.update) {
      this.#findings.violate(
        () =>
          `Updates ${latest.update} and ${sequence} of job ${job.id} report the order's events ` +
          `${latest.event} and ${event.sequence} in the wrong order.`,
        latest.at,
        event.at,
        update.at,
      );
    }
    this.#latest.set(job.number, { event: event.sequence, update: sequence, at: update.at });
  }

  *pending(nowMs: number): Generator<string, void, undefined> {
    for (const { job, what, ms } of this.#events.values()) {
      if (job.ackedAt === NEVER || nowMs - ms >= DEADLINE_MS) continue;
      yield `${what} of job ${job.id} came just before the end`;
    }
  }

  finish(): Finding {
    const { lastMs } = this.#scope;
    this.#findings.undecided(...this.pending(lastMs));
    for (const { job, what, sequence, at, ms } of this.#events.values()) {
      if (job.ackedAt === NEVER || lastMs - ms < DEADLINE_MS) continue;
      this.#findings.late(
        this.#scope.slowness.starved(ms, lastMs),
        () => `Job ${job.id} has no update of ${what}, its order's event ${sequence}.`,
        at,
      );
    }
    for (const { job, what, sequence, at } of this.#updates.values()) {
      if (job.ackedAt === NEVER) continue;
      this.#findings.violate(
        () =>
          `Update ${sequence} (${what}) of job ${job.id} reports an event that order.events lacks.`,
        at,
      );
    }
    return this.#findings.finding();
  }
}

/** What an event or an update says, in a form that compares. */
function sayingOf(
  kind: string,
  { step, reason }: { readonly step?: string | null; readonly reason?: string | null } & object,
): string {
  const about = step == null ? '' : ` ${step}`;
  return FAILURE_UPDATES.has(kind) ? `${kind}${about}: ${reason}` : `${kind}${about}`;
}
