/**
 * Claims: a command that was refused, or answered `unavailable`, leaves no order and no job; no
 * order and no job exists without a command.
 *
 * Checks: each order and job of a user of this run must belong to a command that was acknowledged,
 * or to one whose outcome the client does not know (`info`, or never answered): those are matched
 * by trace first and then by number, since each such command may have left one. Looks at
 * `OrderPlaced`, `OrderCancellationRequested`, `job.updates`, and the jobs in Redis at the end.
 * Jobs that a load generator plays itself are left out. A job may be left for its short expiry when
 * its service was away as it was to be taken back.
 *
 * Could be fooled: a leak by a user who also has a command of unknown outcome may pass for that
 * command's; a job whose short expiry has passed before the end state was read is not seen.
 */

import { DISTURBING_EVENTS, Disturbances } from '../checker/facts/disturbances.ts';
import { isCommand } from '../checker/facts/requests.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { type JobFacts, NEVER, type Scope } from '../checker/scope.ts';
import type {
  HistoryEvent,
  KafkaRecord,
  OperationCompleted,
  OperationInvoked,
  StateSeen,
} from '../history/event.ts';
import { contentOf, stateOf, traceIdOf } from '../history/records.ts';
import { JOB_SERVICES, REST_SERVICE } from '../kernel/system.ts';

export const noLeakedJob = defineInvariant({
  name: 'no-leaked-job',
  promise: 'A refused command leaves no job and no order, and no job exists without a command.',
  concerns: [REST_SERVICE, ...JOB_SERVICES],
  needs: ['client', 'kafka', 'redis'],
  features: ['redis-layout'],
  reads: ['ok', 'fail', 'info', 'kafka', 'state', 'load-jobs', ...DISTURBING_EVENTS],
  diagnosis: {
    causes: [
      'the job is created before validation or authorization, and is not removed on refusal',
      'the short TTL of a job is not set, or is made long before the command is stored',
      'a timeout of the caller leaves the order that was placed all the same',
    ],
    look: 'the handler of the command in the gateway, on every refusal; the TTL of jobs',
  },
  start: (scope) => new NoLeakedJob(scope),
});

/** A job is taken back this soon after its command was refused, or not at all. */
const TAKEN_BACK_MS = 5_000;

/** What a job showed first, and in which trace. */
interface Trace {
  readonly at: number;
  readonly what: string;
  readonly traceId: string | undefined;
  /** No saga has begun: it was only issued, or expired as such. */
  readonly isUnused?: boolean;
}

const FIRST_ON_TOPIC = {
  OrderPlaced: 'OrderPlaced on order.events',
  OrderCancellationRequested: 'OrderCancellationRequested on order.events',
} as const;

/** Of a job that was acknowledged nothing needs to be kept. */
const ACKNOWLEDGED: Trace = { at: NEVER, what: '', traceId: undefined };

class NoLeakedJob implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  /** By job number: the first sign of life of a job. */
  readonly #signs: Trace[] = [];
  /** Jobs in Redis that no record and no answer mentions, with their users. */
  readonly #unheard: Array<{ jobId: string; userId: string; state: string; at: number }> = [];
  readonly #refusals = new Refusals();
  /** Commands of unknown outcome: how many by user, and all by trace. */
  readonly #unknownByUser = new Map<string, number>();
  readonly #unknownTraces = new Set<string>();
  /** Jobs whose updates a load generator publishes in place of a saga. */
  readonly #played = new Set<string>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    switch (event.type) {
      case 'ok':
      case 'fail':
      case 'info':
        this.#completed(event);
        break;
      case 'kafka':
        this.#record(event);
        break;
      case 'state':
        this.#state(event);
        break;
      case 'fault':
      case 'process':
        this.#refusals.observe(event);
        break;
      case 'load-jobs':
        for (const { jobId } of event.jobs) this.#played.add(jobId);
        break;
    }
  }

  #completed(event: OperationCompleted): void {
    if (!isCommand(event.name)) return;
    const { invoked } = this.#scope;
    this.#findings.look();
    const acked = event.type === 'ok' ? this.#scope.jobOf(event.jobId ?? '') : undefined;
    if (acked !== undefined) this.#signs[acked.number] = ACKNOWLEDGED;
    if (event.type === 'info' && invoked !== undefined) this.#unknown(invoked);
    if (event.type !== 'fail') return;
    const code = event.code ?? String(event.status ?? 'refused');
    this.#refusals.note(invoked, { at: event.index, code }, event.atMs);
    if (event.jobId !== undefined) {
      this.#findings.violate(
        () => `A command was refused (${code}), yet its answer hands out job ${event.jobId}.`,
        event.index,
      );
    }
  }

  #unknown(invoked: OperationInvoked): void {
    if (invoked.traceId !== undefined) this.#unknownTraces.add(invoked.traceId);
    if (invoked.userId !== undefined) count(this.#unknownByUser, invoked.userId);
  }

  #record(record: KafkaRecord): void {
    const { job } = this.#scope;
    if (job === undefined || this.#signs[job.number] !== undefined) return;
    if (job.ackedAt !== NEVER) {
      this.#signs[job.number] = ACKNOWLEDGED;
      return;
    }
    const type = contentOf(record, 'order.events')?.payload.type;
    const isFirst = type === 'OrderPlaced' || type === 'OrderCancellationRequested';
    const update = contentOf(record, 'job.updates');
    if (!isFirst && update?.sequence !== 1) return;
    this.#signs[job.number] = {
      at: record.index,
      what: isFirst ? FIRST_ON_TOPIC[type] : 'its first update on job.updates',
      traceId: traceIdOf(record.headers['traceparent']),
      isUnused: update?.kind === 'EXPIRED',
    };
  }

  #state(event: StateSeen): void {
    const value = stateOf(event, 'job');
    if (value === undefined) return;
    const job = this.#scope.jobOf(event.key);
    if (job !== undefined) {
      job.userId ??= value.userId;
      this.#signs[job.number] ??= {
        at: event.index,
        what: `${value.state} in Redis`,
        traceId: undefined,
        isUnused: value.state === 'ISSUED',
      };
      return;
    }
    const { userId, state } = value;
    this.#unheard.push({ jobId: event.key, userId, state, at: event.index });
  }

  finish(): Finding {
    for (const invoked of this.#scope.unfinished()) {
      if (isCommand(invoked.name)) this.#unknown(invoked);
    }
    for (const job of this.#scope.jobs) this.#judge(job);
    for (const { jobId, userId, state, at } of this.#unheard) {
      // A record that came after the end state was read: it was judged with the others.
      if (this.#scope.jobOf(jobId) !== undefined) continue;
      if (!this.#scope.users.has(userId) || claim(this.#unknownByUser, userId)) continue;
      if (state === 'ISSUED' && this.#refusals.claimDoubtful(userId)) continue;
      this.#findings.violate(
        () => `Job ${jobId} of user ${userId} is left ${state} in Redis, but no command was taken.`,
        at,
      );
    }
    return this.#findings.finding();
  }

  #judge(job: JobFacts): void {
    const sign = this.#signs[job.number];
    const { userId } = job;
    const owner = userId ?? job.order?.userId;
    if (job.ackedAt !== NEVER || sign === undefined || this.#played.has(job.id)) return;
    if (owner === undefined || !this.#scope.users.has(owner)) return;
    const refused = this.#refusals.of(sign.traceId);
    if (sign.isUnused && refused?.isDoubtful) return;
    if (refused !== undefined) {
      this.#findings.violate(
        () => `A command was refused (${refused.code}), yet it left job ${job.id}: ${sign.what}.`,
        refused.at,
        sign.at,
      );
      return;
    }
    const known = sign.traceId !== undefined && this.#unknownTraces.has(sign.traceId);
    if (claim(this.#unknownByUser, owner) || known) return;
    const isOnlySeen = sign.isUnused && sign.traceId === undefined;
    if (isOnlySeen && this.#refusals.claimDoubtful(owner)) return;
    this.#findings.violate(
      () => `Job ${job.id} of user ${owner} exists (${sign.what}), but no command was taken.`,
      sign.at,
    );
  }
}

interface Refusal {
  readonly at: number;
  readonly code: string;
}

/** Commands that failed for certain. */
class Refusals {
  readonly #byTrace = new Map<string, Refusal & { readonly isDoubtful: boolean }>();
  readonly #disturbances = new Disturbances();
  /** By user: those whose job could not be taken back for certain. */
  readonly #doubtfulByUser = new Map<string, number>();

  observe(event: HistoryEvent): void {
    if (event.type === 'fault' && !concernsJobs(event.target)) return;
    this.#disturbances.observe(event);
  }

  note(invoked: OperationInvoked | undefined, refusal: Refusal, nowMs: number): void {
    const { traceId, userId } = invoked ?? {};
    // What takes a job back was away, a moment ago at least.
    const isDoubtful = [REST_SERVICE, ...JOB_SERVICES].some(
      (service) => nowMs - this.#disturbances.endedMs(service) < TAKEN_BACK_MS,
    );
    if (traceId !== undefined) this.#byTrace.set(traceId, { ...refusal, isDoubtful });
    if (isDoubtful && userId !== undefined) count(this.#doubtfulByUser, userId);
  }

  of(traceId: string | undefined) {
    return traceId === undefined ? undefined : this.#byTrace.get(traceId);
  }

  /** Takes one of the user's refusals after which a job may be left, if there is one. */
  claimDoubtful(userId: string): boolean {
    return claim(this.#doubtfulByUser, userId);
  }
}

/** Whether a fault on a link of the REST service keeps it from taking a job back. */
function concernsJobs(target: string): boolean {
  const [service, dependency = ''] = target.split('→');
  return (
    service !== REST_SERVICE ||
    dependency === '' ||
    JOB_SERVICES.some((name) => name === dependency)
  );
}

function count(byUser: Map<string, number>, userId: string): void {
  byUser.set(userId, (byUser.get(userId) ?? 0) + 1);
}

/** Takes one of the user's commands, if one is left. */
function claim(byUser: Map<string, number>, userId: string): boolean {
  const left = byUser.get(userId) ?? 0;
  if (left > 0) byUser.set(userId, left - 1);
  return left > 0;
}
