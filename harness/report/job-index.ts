import type { HistoryEvent, KafkaRecord } from '../history/event.ts';
import { SAGA_OF_OPERATION } from '../history/saga-names.ts';
import { orderOfStream } from '../history/streams.ts';
import type { SagaName } from '../kernel/system.ts';

/** A job as known after the first pass over the history. */
export interface KnownJob {
  readonly jobId: string;
  orderId: string;
  userId: string;
  scenario: string;
  saga: SagaName | '';
  state: string;
  reason: string;
  beganMs: number;
  endedMs: number;
}

/**
 * Finds the jobs that an event belongs to: by its job id or trace, else by its order, product or
 * card, which can match several jobs (a placement and a cancellation).
 */
export class JobIndex {
  readonly jobs = new Map<string, KnownJob>();
  readonly #jobOfTrace = new Map<string, string>();
  readonly #jobsOfKey = new Map<string, string[]>();
  readonly #jobOfOperation = new Map<string, string>();
  readonly #jobOfSocket = new Map<string, string[]>();
  readonly #traceOfWire = new Map<string, string>();
  readonly #traceOfOperation = new Map<string, { traceId: string; scenario: string }>();

  /** First pass: collects jobs and their keys. */
  learn(event: HistoryEvent): void {
    switch (event.type) {
      case 'invoke':
        if (event.traceId === undefined) return;
        this.#traceOfOperation.set(event.operation, {
          traceId: event.traceId,
          scenario: event.scenario,
        });
        break;
      case 'ok':
      case 'info':
      case 'fail': {
        const { jobId, orderId, name } = event;
        const saga = SAGA_OF_OPERATION.get(name);
        if (jobId === undefined || saga === undefined) return;
        const job = this.#job(jobId);
        job.saga = saga;
        job.scenario = event.scenario;
        if (orderId !== undefined) this.#belongs(job, orderId);
        this.#jobOfOperation.set(event.operation, jobId);
        const trace = this.#traceOfOperation.get(event.operation)?.traceId;
        if (trace !== undefined) this.#jobOfTrace.set(trace, jobId);
        break;
      }
      case 'ws': {
        const jobId = event.message?.['jobId'];
        if (typeof jobId === 'string') push(this.#jobOfSocket, event.socket, jobId);
        break;
      }
      case 'kafka':
        this.#learnRecord(event);
        break;
      case 'wire-operation':
        if (event.traceId !== undefined) this.#traceOfWire.set(event.operation, event.traceId);
        break;
    }
  }

  /** Second pass: the jobs that an event belongs to. */
  jobsOf(event: HistoryEvent): readonly string[] {
    switch (event.type) {
      case 'invoke':
      case 'ok':
      case 'fail':
      case 'info':
        return listOf(this.#jobOfOperation.get(event.operation));
      case 'ws': {
        const jobId = event.message?.['jobId'];
        if (typeof jobId === 'string') return [jobId];
        return this.#jobOfSocket.get(event.socket) ?? NONE;
      }
      case 'kafka': {
        const { jobId, orderId } = event.value ?? {};
        if (typeof jobId === 'string') return [jobId];
        const key = typeof orderId === 'string' ? orderId : (event.key ?? '');
        return this.#jobsOfKey.get(key) ?? NONE;
      }
      case 'eventstore':
        return this.#jobsOfStored(event);
      case 'span':
        return listOf(this.#jobOfTrace.get(event.traceId));
      case 'wire-operation':
        return listOf(this.#jobOfTrace.get(event.traceId ?? ''));
      case 'fault':
        return listOf(this.#jobOfTrace.get(this.#traceOfWire.get(event.operation ?? '') ?? ''));
      case 'state': {
        if (this.jobs.has(event.key)) return [event.key];
        const { orderId, recordKey } = event.value as Readonly<Record<string, unknown>>;
        return (
          this.#jobsOfKey.get(event.key) ??
          this.#jobsOfKey.get(String(orderId ?? recordKey ?? '')) ??
          NONE
        );
      }
      default:
        return NONE;
    }
  }

  #jobsOfStored(event: Extract<HistoryEvent, { type: 'eventstore' }>): readonly string[] {
    const { jobId } = (event.data ?? {}) as { jobId?: unknown };
    if (typeof jobId === 'string' && this.jobs.has(jobId)) return [jobId];
    return this.#jobsOfKey.get(orderOfStream(event.stream) ?? '') ?? NONE;
  }

  #learnRecord(record: KafkaRecord): void {
    const { jobId, orderId, userId, payload, state, reason } = (record.value ?? {}) as Readonly<
      Record<string, unknown>
    >;
    if (typeof jobId !== 'string') return;
    const job = this.#job(jobId);
    job.beganMs = Math.min(job.beganMs, record.timestampMs);
    if (record.topic !== 'job.updates') job.endedMs = Math.max(job.endedMs, record.timestampMs);
    if (typeof userId === 'string') job.userId = userId;
    if (typeof orderId === 'string') this.#belongs(job, orderId);
    if (record.topic === 'job.updates') {
      job.state = String(state);
      if (typeof reason === 'string') job.reason = reason;
    }
    for (const key of namesOf(payload)) push(this.#jobsOfKey, key, jobId);
  }

  #belongs(job: KnownJob, orderId: string): void {
    job.orderId = orderId;
    push(this.#jobsOfKey, orderId, job.jobId);
  }

  #job(jobId: string): KnownJob {
    let job = this.jobs.get(jobId);
    if (job === undefined) {
      job = {
        jobId,
        orderId: '',
        userId: '',
        scenario: '',
        saga: '',
        state: '',
        reason: '',
        beganMs: Number.POSITIVE_INFINITY,
        endedMs: 0,
      };
      this.jobs.set(jobId, job);
    }
    return job;
  }
}

const NONE: readonly string[] = [];

const listOf = (jobId: string | undefined): readonly string[] =>
  jobId === undefined ? NONE : [jobId];

/** Products and cards named in a message, for stock and credit limits. */
function namesOf(payload: unknown): string[] {
  const { lines, cardToken } = (payload ?? {}) as { lines?: unknown; cardToken?: unknown };
  const names = typeof cardToken === 'string' ? [cardToken] : [];
  if (Array.isArray(lines)) {
    for (const { sku } of lines as Array<{ sku?: unknown }>) {
      if (typeof sku === 'string') names.push(sku);
    }
  }
  return names;
}

/** Limit for keys shared by many jobs, such as a scarce product. */
const SHARED_MAX = 20;

function push(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else if (!list.includes(value) && list.length < SHARED_MAX) list.push(value);
}
