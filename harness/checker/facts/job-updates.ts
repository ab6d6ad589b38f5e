import type { JobUpdatesJobUpdate } from '#avro/types.generated.ts';
import type { KafkaRecord } from '../../history/event.ts';
import { LEVELS, levelOf } from '../../history/subscriptions.ts';
import { TableLists } from '../columns/table-lists.ts';
import type { JobFacts } from '../scope.ts';

/** No job has so many updates: a number above it is nonsense, which job-monotone tells. */
const SEQUENCE_MAX = 100_000;

export const UPDATE_KINDS: readonly string[] = [
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
export const JOB_STATES: readonly string[] = [
  'ISSUED',
  'RUNNING',
  'COMPENSATING',
  'SUCCEEDED',
  'FAILED',
];

/** What an update or a frame says of its job; `undefined` stands for words that are unknown. */
export interface Saying {
  readonly kind: string | undefined;
  readonly state: string | undefined;
}

/** What was said, for a message. */
export const sayingOf = ({ kind, state }: Saying): string => `${kind} (${state})`;

/** An update as `job.updates` has it. */
export interface JobUpdate extends Saying {
  readonly sequence: number;
  /** Index of its event. */
  readonly at: number;
  /** More than any level has when it is none of them. */
  readonly level: number;
  /** When it was made. */
  readonly ms: number;
}

/** The updates of one job; of two with one number, the first is its update. */
export interface KnownUpdates {
  readonly bySequence: ReadonlyMap<number, JobUpdate>;
  /** From 1 on, in the order of their numbers. */
  readonly inOrder: readonly JobUpdate[];
  /** When the job expired; never, most of the time. */
  readonly expiredMs: number;
}

/** A job with more updates than this is parsed once and cached for further readers. */
const REREAD_MAX = 32;

/** What `job.updates` has of every job, kept once for all invariants that compare with it. */
export class JobUpdates {
  /** By job number. */
  readonly #rows = new TableLists({
    sequence: 'number',
    kind: UPDATE_KINDS,
    state: JOB_STATES,
    level: ['OUTCOME', 'PROGRESS', 'DETAIL'],
    at: 'number',
    ms: 'number',
  });
  readonly #read = new Map<number, KnownUpdates>();

  /** Notes an update that was not published before. */
  add(job: JobFacts, record: KafkaRecord, update: JobUpdatesJobUpdate): void {
    const { sequence, kind, state, level } = update;
    const { index: at, timestampMs: ms } = record;
    this.#rows.add(job.number, { sequence, kind, state, level, at, ms });
  }

  /** All that was noted of a job, or undefined when nothing was; asked for when all is known. */
  of(job: JobFacts): KnownUpdates | undefined {
    if (!this.#rows.has(job.number)) return undefined;
    return this.#read.get(job.number) ?? this.#readAll(job);
  }

  #readAll(job: JobFacts): KnownUpdates {
    const bySequence = new Map<number, JobUpdate>();
    let expiredMs = Number.POSITIVE_INFINITY;
    const rows = this.#rows.rowsOf(job.number);
    for (const { level, ...update } of rows) {
      const sequence = Number(update.sequence);
      if (sequence > SEQUENCE_MAX || bySequence.has(sequence)) continue;
      if (update.kind === 'EXPIRED') expiredMs = update.ms;
      bySequence.set(sequence, { ...update, sequence, level: levelOf(level) ?? LEVELS.length });
    }
    const inOrder = [...bySequence.values()].filter(({ sequence }) => isNumbered(sequence));
    inOrder.sort((a, b) => a.sequence - b.sequence);
    const known = { bySequence, inOrder, expiredMs };
    if (rows.length > REREAD_MAX) this.#read.set(job.number, known);
    return known;
  }
}

const isNumbered = (sequence: number): boolean => Number.isInteger(sequence) && sequence >= 1;
