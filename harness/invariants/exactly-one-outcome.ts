/**
 * Claims: each job that was acknowledged with 202 gets exactly one terminal update, within the
 * run's bound, and it reports the real outcome of the command; each saga has one outcome.
 *
 * Checks: counts terminal updates per job on `job.updates` (a record that is published again with
 * the same message id and content is the same update), takes the time from the acknowledgement to
 * the update, and compares the update with the saga's outcome on `order.events`.
 *
 * Could be fooled: a job that ends in time by the record's timestamp, which the producer's clock
 * made; a run that ends before the bound has passed cannot distinguish a late job from a lost
 * one, and then the verdict is `unknown`. While the harness keeps a process down or paused, the
 * clock stops: how long a process takes to start is not guaranteed.
 */

import type { JobUpdatesJobUpdate } from '#avro/types.generated.ts';
import { Downtime } from '../checker/facts/downtime.ts';
import { OUTCOME_TYPES, OUTCOMES } from '../checker/facts/sagas.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { type JobFacts, NEVER, type Scope } from '../checker/scope.ts';
import type { HistoryEvent, KafkaRecord } from '../history/event.ts';
import { contentOf } from '../history/records.ts';
import { JOB_SERVICES, ORCHESTRATORS } from '../kernel/system.ts';

export const exactlyOneOutcome = defineInvariant({
  name: 'exactly-one-outcome',
  promise:
    'Each acknowledged command ends exactly once, in bounded time, with the outcome that its saga had.',
  concerns: [...ORCHESTRATORS, ...JOB_SERVICES],
  needs: ['client', 'kafka'],
  reads: ['kafka', 'process'],
  diagnosis: {
    causes: [
      'the last event of a saga is not mapped to a terminal update',
      'the job expires by its short TTL although its command was acknowledged',
      'a saga waits for an answer that was lost, without a timeout',
    ],
    look: 'the mapping from saga events to job updates; the timeouts of the saga',
  },
  start: (scope) => new ExactlyOneOutcome(scope),
});

type Terminal = 'SUCCEEDED' | 'FAILED';

/** By the event that ends a saga, the terminal state that its job must end in. */
const TERMINAL_OF: Readonly<Record<string, string>> = Object.fromEntries(
  OUTCOMES.map(({ event, job }) => [event, job.state]),
);

interface JobState {
  terminalAt: number;
  terminal: Terminal | undefined;
  terminalMs: number;
  outcomeAt: number;
  outcome: string | undefined;
}

class ExactlyOneOutcome implements Checker {
  readonly #scope: Scope;
  readonly #jobs: JobState[] = [];
  readonly #findings = new Findings();
  readonly #downtime = new Downtime();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'process') this.#downtime.observe(event);
    if (event.type !== 'kafka' || this.#scope.republished) return;
    const job = this.#scope.job;
    if (job === undefined) return;
    const update = contentOf(event, 'job.updates');
    if (update !== undefined) this.#update(event, update, job);
    const outcome = contentOf(event, 'order.events')?.payload.type;
    if (outcome !== undefined && outcome in TERMINAL_OF) this.#outcome(event, outcome, job);
  }

  #update(record: KafkaRecord, update: JobUpdatesJobUpdate, job: JobFacts): void {
    const { kind } = update;
    if (kind !== 'SUCCEEDED' && kind !== 'FAILED') return;
    const state = this.#state(job);
    if (state.terminalAt !== NEVER) {
      this.#findings.violate(
        () =>
          `Job ${job.id} ended twice: ${state.terminal} and then ${kind} (update ${update.sequence}).`,
        state.terminalAt,
        record.index,
      );
      return;
    }
    state.terminalAt = record.index;
    state.terminal = kind;
    // The earlier clock reading favours the subject: the witness may have read late.
    state.terminalMs = Math.min(record.atMs, record.timestampMs);
  }

  #outcome(record: KafkaRecord, outcome: string, job: JobFacts): void {
    const state = this.#state(job);
    if (state.outcomeAt !== NEVER) {
      this.#findings.violate(
        () =>
          `The saga of job ${job.id} has two outcomes on order.events: ${state.outcome}, ${outcome}.`,
        state.outcomeAt,
        record.index,
      );
      return;
    }
    state.outcomeAt = record.index;
    state.outcome = OUTCOME_TYPES.find((known) => known === outcome) ?? outcome;
  }

  #state(job: JobFacts): JobState {
    let state = this.#jobs[job.number];
    if (state === undefined) {
      state = {
        terminalAt: NEVER,
        terminal: undefined,
        terminalMs: 0,
        outcomeAt: NEVER,
        outcome: undefined,
      };
      this.#jobs[job.number] = state;
    }
    return state;
  }

  finish(): Finding {
    const boundMs = this.#scope.run?.bounds.terminalWithinMs ?? Number.POSITIVE_INFINITY;
    for (const job of this.#scope.jobs) {
      if (job.ackedAt === NEVER) continue;
      this.#findings.look();
      this.#judge(job, this.#state(job), boundMs);
    }
    return this.#findings.finding();
  }

  #judge(job: JobFacts, state: JobState, boundMs: number): void {
    if (state.terminalAt === NEVER) {
      const { lastMs } = this.#scope;
      const waitedMs = lastMs - job.ackedMs - this.#downtime.within(job.ackedMs, lastMs);
      if (waitedMs < boundMs) {
        this.#findings.undecided(
          `job ${job.id} had not ended when the history did, ${Math.round(waitedMs)} ms after its acknowledgement`,
        );
        return;
      }
      this.#findings.late(
        this.#scope.slowness.starved(job.ackedMs, lastMs),
        () =>
          `Job ${job.id} was acknowledged and had not ended ${Math.round(waitedMs)} ms later (bound: ${boundMs} ms).`,
        job.ackedAt,
      );
      return;
    }
    const downMs = this.#downtime.within(job.ackedMs, state.terminalMs);
    const tookMs = state.terminalMs - job.ackedMs - downMs;
    if (tookMs > boundMs) {
      this.#findings.late(
        this.#scope.slowness.starved(job.ackedMs, state.terminalMs),
        () =>
          `Job ${job.id} ended ${Math.round(tookMs)} ms after its acknowledgement (bound: ${boundMs} ms).`,
        job.ackedAt,
        state.terminalAt,
      );
    }
    const due = state.outcome === undefined ? undefined : TERMINAL_OF[state.outcome];
    if (due === undefined) {
      this.#findings.violate(
        () => `Job ${job.id} ended ${state.terminal}, but its saga has no outcome on order.events.`,
        job.ackedAt,
        state.terminalAt,
      );
    } else if (due !== state.terminal) {
      this.#findings.violate(
        () => `Job ${job.id} ended ${state.terminal}, but its saga's outcome is ${state.outcome}.`,
        state.terminalAt,
        state.outcomeAt,
      );
    }
  }
}
