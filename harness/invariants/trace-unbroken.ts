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
 * where one was killed the tree is not judged; what an expired job says is made by the clock.
 */
import type {
  HistoryEvent,
  KafkaRecord,
  OperationCompleted,
  SocketEvent,
} from '../history/event.ts';
import type { Checker, Finding, Invariant } from './invariant.ts';
import { traceIdOf } from './records.ts';
import { type JobFacts, NEVER, type Scope } from './scope.ts';
import { SpanTrees } from './span-trees.ts';
import { jobFrame } from './subscriptions.ts';
import { Findings } from './violations.ts';

export const traceUnbroken: Invariant = {
  name: 'trace-unbroken',
  promise: 'One trace goes from the POST through every record and frame of its job.',
  needs: ['client', 'kafka', 'spans'],
  features: ['tracing'],
  reads: ['invoke', 'ok', 'info', 'kafka', 'ws', 'span', 'process'],
  start: (scope) => new TraceUnbroken(scope),
};

/** Who publishes on each topic. */
const PRODUCER: Readonly<Record<string, string>> = {
  'order.events': 'order',
  'inventory.commands': 'order',
  'payment.commands': 'order',
  'shipping.commands': 'order',
  'inventory.events': 'inventory',
  'payment.events': 'payment',
  'shipping.events': 'shipping',
  'job.updates': 'job-management',
};

interface JobTrace {
  /** Traces that the job's records and frames carry, with the first event of each. */
  readonly traces: string[];
  readonly at: number[];
  readonly where: string[];
  /** The first event of the job without a trace. */
  missingAt: number;
  missingWhere: string;
  readonly producers: string[];
}

class TraceUnbroken implements Checker {
  readonly #scope: Scope;
  readonly #findings = new Findings();
  readonly #jobs: JobTrace[] = [];
  /** Traces of a user's Idempotency-Key; and, by job number, the key or trace of its requests. */
  readonly #tracesOfKey = new Map<string, string[]>();
  readonly #requestsOf: string[] = [];
  readonly #trees = new SpanTrees();
  #killed = false;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  observe(event: HistoryEvent): void {
    switch (event.type) {
      case 'invoke':
        if (event.traceId !== undefined) this.#trees.expect(event.traceId);
        break;
      case 'ok':
      case 'info':
        this.#completed(event);
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
        if (event.what === 'exited' && event.exitCode !== 0) this.#killed = true;
        break;
    }
  }

  #completed(event: OperationCompleted): void {
    const { invoked } = this.#scope;
    const isCommand = event.name === 'place-order' || event.name === 'cancel-order';
    if (!isCommand || invoked?.traceId === undefined) return;
    const { userId, idempotencyKey, traceId } = invoked;
    const key = idempotencyKey === undefined ? traceId : `${userId}\n${idempotencyKey}`;
    const traces = this.#tracesOfKey.get(key);
    if (traces === undefined) this.#tracesOfKey.set(key, [traceId]);
    else traces.push(traceId);
    const job = event.jobId === undefined ? undefined : this.#scope.jobOf(event.jobId);
    if (job !== undefined) this.#requestsOf[job.number] ??= key;
  }

  #record(record: KafkaRecord): void {
    const { job, republished } = this.#scope;
    if (job === undefined || republished || record.value?.['kind'] === 'EXPIRED') return;
    const producer = PRODUCER[record.topic];
    if (producer === undefined) return;
    const trace = this.#of(job);
    if (!trace.producers.includes(producer)) trace.producers.push(producer);
    this.#carries(trace, record.headers['traceparent'], record.index, record.topic);
  }

  #frame(event: SocketEvent): void {
    const frame = jobFrame(event.message);
    if (frame === undefined || frame.type === 'expired') return;
    const job = this.#scope.jobOf(frame.jobId);
    // A frame that comes before anything else of its job is judged by ws-complete.
    if (job === undefined) return;
    this.#carries(this.#of(job), frame.traceparent, event.index, `a frame of ${event.socket}`);
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
    if (trace.traces.includes(traceId)) return;
    trace.traces.push(traceId);
    trace.at.push(index);
    trace.where.push(where);
  }

  #of(job: JobFacts): JobTrace {
    let trace = this.#jobs[job.number];
    if (trace === undefined) {
      trace = { traces: [], at: [], where: [], missingAt: NEVER, missingWhere: '', producers: [] };
      this.#jobs[job.number] = trace;
    }
    return trace;
  }

  finish(): Finding {
    this.#trees.link();
    for (const job of this.#scope.jobs) {
      const key = this.#requestsOf[job.number];
      const trace = this.#jobs[job.number];
      if (job.ackedAt === NEVER || key === undefined || trace === undefined) continue;
      this.#findings.look();
      this.#judge(job, trace, this.#tracesOfKey.get(key) ?? []);
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
    for (const [place, traceId] of trace.traces.entries()) {
      if (requested.includes(traceId)) continue;
      this.#findings.violate(
        () =>
          `Job ${job.id} was asked for in trace ${requested.join(' or ')}; ${trace.where[place]} is in trace ${traceId}.`,
        job.ackedAt,
        trace.at[place] ?? NEVER,
      );
    }
    if (!this.#killed) this.#tree(job, trace, requested);
  }

  #tree(job: JobFacts, trace: JobTrace, requested: readonly string[]): void {
    const traceId = trace.traces.find((known) => requested.includes(known));
    if (traceId === undefined) return;
    const tree = this.#trees.of(traceId);
    for (const service of trace.producers) {
      if (tree?.services.has(service)) continue;
      this.#findings.violate(
        () =>
          `Job ${job.id}: ${service} published records of it, but has no span in trace ${traceId}.`,
        job.ackedAt,
      );
    }
    for (const { at, service, name } of tree?.strays ?? []) {
      this.#findings.violate(
        () => `Trace ${traceId} is broken at span "${name}" of ${service}: nobody has its parent.`,
        job.ackedAt,
        at,
      );
    }
  }
}
