/**
 * Claims: a job only moves forward (ISSUED, RUNNING, COMPENSATING, then SUCCEEDED or FAILED) and
 * stays where it ended; its updates are numbered from 1 without a gap, and each says correctly
 * which update a subscriber of each level saw before it.
 *
 * Checks: folds `job.updates` per job in the partition's order, skipping records that are
 * published again unchanged; compares answers of GET /v1/jobs/{id} that one after the other were
 * asked for and given; and what Redis has of the job in the end with its last update.
 *
 * Could be fooled: by a job that began before the history did (its first update is missing), so
 * only jobs that were acknowledged here, or begin here with update 1, are judged.
 */
import type { JobUpdatesJobUpdate } from '#avro/types.generated.ts';
import { SAGAS } from '#contracts/spec/sagas.generated.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { type JobFacts, NEVER, type Scope } from '../checker/scope.ts';
import type { HistoryEvent, KafkaRecord, OperationCompleted, StateSeen } from '../history/event.ts';
import { contentOf, stateOf } from '../history/records.ts';
import { JOB_SERVICES } from '../kernel/system.ts';

export const jobMonotone = defineInvariant({
  name: 'job-monotone',
  promise: 'A job only moves forward, and its updates are numbered without a gap.',
  concerns: JOB_SERVICES,
  needs: ['kafka'],
  reads: ['kafka', 'ok', 'state'],
  diagnosis: {
    causes: [
      'an update is folded without comparing the number of the job in Redis',
      'two consumers of one partition write at once, such as after a rebalance',
      'the update is published and the job is stored in the wrong order, with an end of the ' +
        'process in between',
    ],
    look: 'the script or transaction that stores a job, and the consumer before it',
  },
  start: (scope) => new JobMonotone(scope),
});

/** How far along a state is; the two terminal states are equally far and yet not the same. */
const RANK: Readonly<Record<string, number>> = {
  ISSUED: 0,
  RUNNING: 1,
  COMPENSATING: 2,
  SUCCEEDED: 3,
  FAILED: 3,
};
const TERMINAL_RANK = 3;

/** One string for each state, however often it is read. */
const STATES = new Map(Object.keys(RANK).map((state) => [state, state]));

/** The state that an update of this kind must leave the job in. */
const STATE_OF: Readonly<Record<string, string>> = Object.fromEntries(
  SAGAS.flatMap(({ started, progress, outcomes }) =>
    [started, progress.compensationStarted, outcomes.succeeded, outcomes.failed].map(
      ({ job }) => [job.update, job.state] as const,
    ),
  ),
);

interface Fold {
  sequence: number;
  at: number;
  state: string;
  partition: number;
  outcome: number;
  progress: number;
  detail: number;
  isExpired: boolean;
}

/** The latest completed answer about a job: none that began after it may say less. */
interface Answer {
  readonly at: number;
  readonly state: string;
  readonly sequence: number;
}

class JobMonotone implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #folds: Fold[] = [];
  readonly #answers: Answer[] = [];
  /** What Redis has in the end and job.updates had not yet when it was read. */
  readonly #inRedis: Array<Answer & { readonly job: JobFacts }> = [];

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    if (event.type === 'ok') {
      if (event.name === 'get-job') this.#answer(event);
      return;
    }
    if (event.type === 'state') this.#kept(event);
    if (event.type !== 'kafka' || this.#scope.republished) return;
    const update = contentOf(event, 'job.updates');
    const { job } = this.#scope;
    if (update !== undefined && job !== undefined) this.#update(event, update, job);
  }

  #update(record: KafkaRecord, update: JobUpdatesJobUpdate, job: JobFacts): void {
    const fold = this.#folds[job.number];
    if (fold === undefined) {
      // A job of an earlier run goes on here; its beginning cannot be judged.
      const began = update.sequence === 1 || job.ackedAt !== NEVER;
      if (began) this.#findings.look();
      if (began && update.sequence !== 1) {
        this.#findings.violate(
          () => `The first update of job ${job.id} has the number ${update.sequence}, not 1.`,
          record.index,
        );
      }
      if (began) this.#previous(record, update, job, undefined);
    } else {
      this.#findings.look();
      this.#follow(record, update, job, fold);
    }
    const due = STATE_OF[update.kind];
    if (due !== undefined && update.state !== due) {
      this.#findings.violate(
        () =>
          `Update ${update.sequence} of job ${job.id} is ${update.kind}, but leaves it ${update.state}.`,
        record.index,
      );
    }
    if (fold === undefined) this.#folds[job.number] = begun(record, update);
    else follow(fold, record, update);
  }

  #follow(record: KafkaRecord, update: JobUpdatesJobUpdate, job: JobFacts, fold: Fold): void {
    if (update.sequence !== fold.sequence + 1) {
      this.#findings.violate(
        () => `Job ${job.id}: update ${update.sequence} follows update ${fold.sequence}.`,
        fold.at,
        record.index,
      );
    } else {
      this.#previous(record, update, job, fold);
    }
    if (record.partition !== fold.partition) {
      this.#findings.violate(
        () =>
          `Job ${job.id} is on partitions ${fold.partition} and ${record.partition}: no order holds.`,
        fold.at,
        record.index,
      );
    }
    checkState(this.#findings, record, update, job, fold);
  }

  #previous(
    record: KafkaRecord,
    update: JobUpdatesJobUpdate,
    job: JobFacts,
    fold: Fold | undefined,
  ): void {
    const said = update.previousSequences;
    const { outcome = 0, progress = 0, detail = 0 } = fold ?? {};
    if (said.outcome === outcome && said.progress === progress && said.detail === detail) return;
    this.#findings.violate(
      () =>
        `Update ${update.sequence} of job ${job.id} says that ${said.outcome}, ${said.progress}, ` +
        `${said.detail} came before it at outcome, progress, detail; it was ${outcome}, ${progress}, ${detail}.`,
      fold?.at ?? NEVER,
      record.index,
    );
  }

  #answer(event: OperationCompleted): void {
    const { jobId, state, sequence } = (event.response ?? {}) as Record<string, unknown>;
    const job = typeof jobId === 'string' ? this.#scope.jobOf(jobId) : undefined;
    if (job === undefined || typeof state !== 'string' || typeof sequence !== 'number') return;
    const answer: Answer = { at: event.index, state: STATES.get(state) ?? state, sequence };
    const before = this.#answers[job.number];
    const askedAt = this.#scope.invoked?.index ?? NEVER;
    if (before === undefined) {
      this.#answers[job.number] = answer;
      return;
    }
    // Answers to questions that overlap may come in any order.
    if (askedAt < before.at) return;
    this.#findings.look();
    const was = RANK[before.state] ?? 0;
    const is = RANK[state] ?? 0;
    if (
      is < was ||
      (was === TERMINAL_RANK && state !== before.state) ||
      sequence < before.sequence
    ) {
      this.#findings.violate(
        () =>
          `GET of job ${job.id} answered ${before.state} (update ${before.sequence}) and later ` +
          `${state} (update ${sequence}).`,
        before.at,
        event.index,
      );
    }
    this.#answers[job.number] = answer;
  }

  #kept(event: StateSeen): void {
    const kept = stateOf(event, 'job');
    const job = this.#scope.jobOf(event.key);
    if (kept === undefined || job === undefined) return;
    const { state, sequence } = kept;
    const fold = this.#folds[job.number];
    if (fold?.state === state && fold.sequence === sequence) {
      this.#findings.look();
      return;
    }
    this.#inRedis.push({ job, state: STATES.get(state) ?? state, sequence, at: event.index });
  }

  finish(): Finding {
    for (const { job, state, sequence, at } of this.#inRedis) {
      const fold = this.#folds[job.number];
      if (fold === undefined) continue;
      this.#findings.look();
      if (fold.state === state && fold.sequence === sequence) continue;
      this.#findings.violate(
        () =>
          `Job ${job.id} is ${state} after update ${sequence} in Redis; its last update on ` +
          `job.updates is ${fold.sequence}, ${fold.state}.`,
        fold.at,
        at,
      );
    }
    return this.#findings.finding();
  }
}

/** A job's state never goes back, and it expires once. */
function checkState(
  findings: Findings,
  record: KafkaRecord,
  update: JobUpdatesJobUpdate,
  job: JobFacts,
  fold: Fold,
): void {
  if (fold.isExpired && update.kind === 'EXPIRED') {
    findings.violate(
      () => `Job ${job.id} expired in update ${fold.sequence}, and again in ${update.sequence}.`,
      fold.at,
      record.index,
    );
  }
  const before = RANK[fold.state] ?? 0;
  const after = RANK[update.state] ?? 0;
  const changed = update.state !== fold.state;
  if (after < before || (before === TERMINAL_RANK && changed)) {
    findings.violate(
      () => `Job ${job.id} went from ${fold.state} to ${update.state} (update ${update.sequence}).`,
      fold.at,
      record.index,
    );
  } else if (before === TERMINAL_RANK && update.kind !== 'EXPIRED') {
    findings.violate(
      () => `Job ${job.id} had ended when update ${update.sequence} (${update.kind}) came.`,
      fold.at,
      record.index,
    );
  }
}

function begun(record: KafkaRecord, update: JobUpdatesJobUpdate): Fold {
  const fold: Fold = {
    sequence: 0,
    at: NEVER,
    state: '',
    partition: NEVER,
    outcome: 0,
    progress: 0,
    detail: 0,
    isExpired: false,
  };
  follow(fold, record, update);
  return fold;
}

function follow(fold: Fold, record: KafkaRecord, update: JobUpdatesJobUpdate): void {
  const { sequence, level, state, kind } = update;
  fold.isExpired = kind === 'EXPIRED';
  fold.sequence = sequence;
  fold.at = record.index;
  fold.state = STATES.get(state) ?? state;
  fold.partition = record.partition;
  if (level === 'OUTCOME') fold.outcome = sequence;
  if (level !== 'DETAIL') fold.progress = sequence;
  fold.detail = sequence;
}
