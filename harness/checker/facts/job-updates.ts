import type { JobUpdatesJobUpdate } from '#avro/types.generated.ts';
import type { KafkaRecord } from '../../history/event.ts';
import { LEVELS, levelOf } from '../../history/subscriptions.ts';
import { NO_ROW, RowLists } from '../columns/row-lists.ts';
import type { JobFacts } from '../scope.ts';

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
export const JOB_STATES = ['ISSUED', 'RUNNING', 'COMPENSATING', 'SUCCEEDED', 'FAILED'];

/** What an update says, as one number: its kind and the state that it leaves its job in. */
export const saidBy = (kind: string, state: string): number =>
  KINDS.indexOf(kind) * JOB_STATES.length + JOB_STATES.indexOf(state);

/** What {@link saidBy} was given, in words. */
export function sayingOf(said: number): string {
  const kind = KINDS[Math.floor(said / JOB_STATES.length)];
  return `${kind} (${JOB_STATES[said % JOB_STATES.length]})`;
}

/** An update as `job.updates` has it. */
export interface JobUpdate {
  readonly sequence: number;
  /** Index of its event. */
  readonly at: number;
  /** More than any level has when it is none of them. */
  readonly level: number;
  /** See {@link saidBy}. */
  readonly said: number;
  /** Its place in {@link JOB_STATES}, or -1. */
  readonly state: number;
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

/** Columns of a row; what it says and its level are packed in one. */
const SEQUENCE = 0;
const AT = 1;
const MS = 2;
const PACKED = 3;
const COLUMNS = 4;
/** More than there are levels, and more than there are states including the unknown one. */
const LEVEL_RADIX = 4;
const STATE_RADIX = 8;
const EXPIRED = KINDS.indexOf('EXPIRED');

/** A job with more updates than this is parsed once and cached for further readers. */
const REREAD_MAX = 32;

/** What `job.updates` has of every job, kept once for all invariants that compare with it. */
export class JobUpdates {
  /** By job number. */
  readonly #rows = new RowLists(COLUMNS);
  readonly #read = new Map<number, KnownUpdates>();

  /** Notes an update that was not published before. */
  add(job: JobFacts, record: KafkaRecord, update: JobUpdatesJobUpdate): void {
    const kind = KINDS.indexOf(update.kind) + 1;
    const state = JOB_STATES.indexOf(update.state) + 1;
    const level = levelOf(update.level) ?? LEVELS.length;
    const packed = (kind * STATE_RADIX + state) * LEVEL_RADIX + level;
    this.#rows.add(job.number, update.sequence, record.index, record.timestampMs, packed);
  }

  /** All that was noted of a job, or undefined when nothing was; asked for when all is known. */
  of(job: JobFacts): KnownUpdates | undefined {
    if (this.#rows.first(job.number) === NO_ROW) return undefined;
    return this.#read.get(job.number) ?? this.#readAll(job);
  }

  #readAll(job: JobFacts): KnownUpdates {
    const bySequence = new Map<number, JobUpdate>();
    let expiredMs = Number.POSITIVE_INFINITY;
    let rows = 0;
    for (const row of this.#rows.rowsOf(job.number)) {
      rows++;
      const sequence = Number(this.#rows.at(row, SEQUENCE));
      if (sequence > SEQUENCE_MAX || bySequence.has(sequence)) continue;
      const packed = this.#rows.at(row, PACKED);
      const both = Math.floor(packed / LEVEL_RADIX);
      const kind = Math.floor(both / STATE_RADIX) - 1;
      const state = (both % STATE_RADIX) - 1;
      const ms = this.#rows.at(row, MS);
      if (kind === EXPIRED) expiredMs = ms;
      bySequence.set(sequence, {
        sequence,
        at: this.#rows.at(row, AT),
        level: packed % LEVEL_RADIX,
        said: kind * JOB_STATES.length + state,
        state,
        ms,
      });
    }
    const inOrder = [...bySequence.values()].filter(({ sequence }) => isNumbered(sequence));
    inOrder.sort((a, b) => a.sequence - b.sequence);
    const known = { bySequence, inOrder, expiredMs };
    if (rows > REREAD_MAX) this.#read.set(job.number, known);
    return known;
  }
}

const isNumbered = (sequence: number): boolean => Number.isInteger(sequence) && sequence >= 1;
