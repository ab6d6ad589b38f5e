/**
 * Claims: one trace goes from the client's POST through every record and frame of its job, and the
 * spans of that trace are one tree.
 *
 * Checks: each record that names the job, and each frame of it, carries a traceparent with the
 * trace of a request for that job (requests that repeat an Idempotency-Key each have their own);
 * each service that published a record of the job has a span in the trace; each span's parent is
 * in the trace, except the one that the client made itself.
 *
 * Could be fooled: a process that is killed takes the spans that it had not exported with it, so
 * the tree of a trace that was under way then is not judged; what an expired job says is made by
 * the clock.
 */

import type { RequestFacts } from '../checker/facts/requests.ts';
import { type SpanTree, SpanTrees } from '../checker/facts/span-trees.ts';
import { Findings } from '../checker/findings.ts';
import { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
import { type JobFacts, NEVER, type Scope } from '../checker/scope.ts';
import type {
  HistoryEvent,
  KafkaRecord,
  OperationCompleted,
  SocketEvent,
} from '../history/event.ts';
import { PRODUCERS } from '../history/producers.ts';
import { traceIdOf } from '../history/records.ts';
import { jobFrame } from '../history/subscriptions.ts';

export const traceUnbroken = defineInvariant({
  name: 'trace-unbroken',
  promise: 'One trace goes from the POST through every record and frame of its job.',
  needs: ['client', 'kafka', 'spans'],
  features: ['tracing'],
  reads: ['invoke', 'ok', 'kafka', 'ws', 'span', 'process'],
  diagnosis: {
    causes: [
      'the trace context is not stored with the outbox row or the event',
      'context is lost across a queue, a timer or a worker',
      'spans are exported by a batch that is dropped when the process ends',
    ],
    look: 'where the context is read from headers and written to them; the outbox columns',
  },
  start: (scope) => new TraceUnbroken(scope),
});

/** A span is exported in this time after its end, also on a machine that has more to do. */
const EXPORT_MS = 10_000;

/** Services that publish, as bits. */
const SERVICES = [...new Set(Object.values(PRODUCERS))];

/** One string for each topic, however often it is read. */
const TOPICS = new Map(Object.keys(PRODUCERS).map((topic) => [topic, topic]));

interface JobTrace {
  /** The trace that the job's records and frames carry. */
  traceId: string | undefined;
  at: number;
  where: string;
  /** Other traces that some of them carry, with the first event of each. */
  others: Array<{ readonly traceId: string; readonly at: number; readonly where: string }>;
  /** The first event of the job without a trace. */
  missingAt: number;
  missingWhere: string;
  /** Who published, as a mask of {@link SERVICES}. */
  producers: number;
  /** The request that was acknowledged with this job. */
  request: RequestFacts | undefined;
}

/** Shared by all jobs that have no other trace: most. */
const NO_OTHERS: JobTrace['others'] = [];

class TraceUnbroken implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #jobs: JobTrace[] = [];
  readonly #trees = new SpanTrees();
  /** When processes were killed. */
  readonly #killsMs: number[] = [];

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    switch (event.type) {
      case 'invoke':
        if (event.traceId !== undefined) this.#trees.expect(event.traceId);
        break;
      case 'ok':
        this.#answered(event);
        break;
      case 'kafka':
        this.#record(event);
        break;
      case 'ws':
        if (event.what === 'frame') this.#frame(event);
        break;
      case 'span':
        this.#trees.add(event);
        break;
      case 'process':
        if (event.what === 'exited' && event.exitCode !== 0) this.#killsMs.push(event.atMs);
        break;
    }
  }

  #answered(event: OperationCompleted): void {
    const { request } = this.#scope;
    const job = event.jobId === undefined ? undefined : this.#scope.jobOf(event.jobId);
    if (request !== undefined && job !== undefined) this.#of(job).request ??= request;
  }

  #record(record: KafkaRecord): void {
    const { job, republished } = this.#scope;
    if (job === undefined || republished || record.value?.['kind'] === 'EXPIRED') return;
    const producer = PRODUCERS[record.topic];
    if (producer === undefined) return;
    const trace = this.#of(job);
    trace.producers |= 1 << SERVICES.indexOf(producer);
    this.#carries(trace, record.headers['traceparent'], record.index, record.topic);
  }

  #frame(event: SocketEvent): void {
    const frame = jobFrame(event.message);
    if (frame === undefined || frame.type === 'expired') return;
    const job = this.#scope.jobOf(frame.jobId);
    // A frame that comes before anything else of its job is judged by ws-delivery-complete.
    if (job === undefined) return;
    this.#carries(this.#of(job), frame.traceparent, event.index, 'a frame');
  }

  #carries(trace: JobTrace, traceparent: unknown, index: number, where: string): void {
    const traceId = traceIdOf(traceparent);
    if (traceId === undefined) {
      if (trace.missingAt === NEVER) {
        trace.missingAt = index;
        trace.missingWhere = where;
      }
      return;
    }
    if (trace.traceId === undefined) {
      // The string that the scope keeps anyway, where it is the first request's.
      const asked = this.#scope.requestOf(traceId)?.traceId;
      trace.traceId = asked === traceId ? asked : traceId;
      trace.at = index;
      trace.where = TOPICS.get(where) ?? where;
    }
    if (trace.traceId === traceId) return;
    if (trace.others.some((other) => other.traceId === traceId)) return;
    if (trace.others === NO_OTHERS) trace.others = [];
    trace.others.push({ traceId, at: index, where });
  }

  #of(job: JobFacts): JobTrace {
    let trace = this.#jobs[job.number];
    if (trace === undefined) {
      trace = {
        traceId: undefined,
        at: NEVER,
        where: '',
        others: NO_OTHERS,
        missingAt: NEVER,
        missingWhere: '',
        producers: 0,
        request: undefined,
      };
      this.#jobs[job.number] = trace;
    }
    return trace;
  }

  finish(): Finding {
    this.#trees.link();
    for (const job of this.#scope.jobs) {
      const trace = this.#jobs[job.number];
      const request = trace?.request;
      if (trace === undefined || request === undefined) continue;
      this.#findings.look();
      this.#judge(job, trace, [request.traceId, ...(request.repeatedIn ?? [])]);
    }
    return this.#findings.finding();
  }

  #judge(job: JobFacts, trace: JobTrace, requested: readonly string[]): void {
    if (trace.missingAt !== NEVER) {
      this.#findings.violate(
        () => `Job ${job.id}: ${trace.missingWhere} carries no trace.`,
        job.ackedAt,
        trace.missingAt,
      );
    }
    const { traceId = '', at, where } = trace;
    const carried = traceId === '' ? trace.others : [{ traceId, at, where }, ...trace.others];
    for (const seen of carried) {
      if (requested.includes(seen.traceId)) continue;
      this.#findings.violate(
        () =>
          `Job ${job.id} was asked for in trace ${requested.join(' or ')}; ${seen.where} is in ` +
          `trace ${seen.traceId}.`,
        job.ackedAt,
        seen.at,
      );
    }
    this.#tree(job, trace, requested);
  }

  /** Whether spans of the trace may have gone with a process. */
  #wasKilledIn({ beganMs, endedMs }: SpanTree): boolean {
    return this.#killsMs.some((ms) => ms > beganMs - EXPORT_MS && ms < endedMs + EXPORT_MS);
  }

  #tree(job: JobFacts, trace: JobTrace, requested: readonly string[]): void {
    // Requests that repeat a command may each carry a part of its saga.
    const carried = [trace.traceId, ...trace.others.map((other) => other.traceId)];
    const own = requested.filter((traceId) => carried.includes(traceId));
    if (own.length === 0) return;
    const trees = own.map((traceId) => ({ traceId, tree: this.#trees.of(traceId) }));
    if (trees.some(({ tree }) => tree !== undefined && this.#wasKilledIn(tree))) return;
    for (const [bit, service] of SERVICES.entries()) {
      if ((trace.producers & (1 << bit)) === 0) continue;
      if (trees.some(({ tree }) => this.#trees.hasService(tree, service))) continue;
      this.#findings.violate(
        () =>
          `Job ${job.id}: ${service} published records of it, but has no span in trace ` +
          `${own.join(' or ')}.`,
        job.ackedAt,
      );
    }
    for (const { traceId, tree } of trees) {
      for (const { at, service, name } of tree?.strays ?? []) {
        this.#findings.violate(
          () =>
            `Trace ${traceId} is broken at span "${name}" of ${service}: its parent is missing.`,
          job.ackedAt,
          at,
        );
      }
    }
  }
}
