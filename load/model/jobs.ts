/**
 * The jobs of a load that publishes updates in place of sagas. Generators compute them from the run
 * and the customer: no list of jobs passes between threads, and a frame of another customer's job
 * is recognised by its id alone.
 */

export type Level = 'outcome' | 'progress' | 'detail';
export const LEVELS = ['outcome', 'progress', 'detail'] as const;

/** Hex digits: 8 of the run, the job's number in 4 and 3, and the customer in 12. */
export function jobIdOf(runTag: string, user: number, job: number): string {
  const number = job.toString(16).padStart(7, '0');
  const owner = user.toString(16).padStart(12, '0');
  // A version 4 UUID by its form: version and variant digits are fixed.
  return `${runTag}-${number.slice(0, 4)}-4${number.slice(4)}-8000-${owner}`;
}

/** The customer that a job of this run belongs to; undefined for any other job. */
export function ownerOf(runTag: string, jobId: string): number | undefined {
  return jobId.startsWith(`${runTag}-`) ? Number.parseInt(jobId.slice(24), 16) : undefined;
}

/** The order that a job is about: the same digits with another variant. */
export const orderIdOf = (jobId: string): string => jobId.replace('-8000-', '-9000-');

/** One update of a job, by its number from 1. */
export interface PlannedUpdate {
  readonly sequence: number;
  readonly kind: 'STARTED' | 'STEP_COMPLETED' | 'DOMAIN_EVENT' | 'SUCCEEDED';
  readonly level: Level;
  readonly state: 'RUNNING' | 'SUCCEEDED';
  /** The number of the update before it at each level; 0 for none. */
  readonly previous: Readonly<Record<Level, number>>;
}

/** The updates of a job of this length. */
export function plannedUpdates(perJob: number): PlannedUpdate[] {
  const previous = { outcome: 0, progress: 0, detail: 0 };
  return Array.from({ length: perJob }, (_, index) => {
    const sequence = index + 1;
    const about = contentOf(sequence, perJob);
    const update = { sequence, ...about, previous: { ...previous } };
    for (const level of LEVELS.slice(LEVELS.indexOf(about.level))) previous[level] = sequence;
    return update;
  });
}

function contentOf(sequence: number, perJob: number) {
  if (sequence === perJob) {
    return { kind: 'SUCCEEDED', level: 'outcome', state: 'SUCCEEDED' } as const;
  }
  if (sequence === 1) return { kind: 'STARTED', level: 'progress', state: 'RUNNING' } as const;
  return sequence % 3 === 0
    ? ({ kind: 'DOMAIN_EVENT', level: 'detail', state: 'RUNNING' } as const)
    : ({ kind: 'STEP_COMPLETED', level: 'progress', state: 'RUNNING' } as const);
}

/** What an update's `detail` says: when it was due, so that its reader can tell how late it is. */
export const stampOf = (dueMs: number, payload: string): string =>
  `due=${dueMs.toFixed(3)};${payload}`;

/** When an update was due, by its `detail`; undefined when it was not one of a load. */
export function dueOf(detail: unknown): number | undefined {
  if (typeof detail !== 'string' || !detail.startsWith('due=')) return undefined;
  const dueMs = Number.parseFloat(detail.slice(4, detail.indexOf(';')));
  return Number.isNaN(dueMs) ? undefined : dueMs;
}

/** The level of each of a customer's sockets, spread over the sockets by the model's shares. */
export function levelsOf(shares: Readonly<Record<Level, number>>, sockets: number): Level[] {
  const total = LEVELS.reduce((sum, level) => sum + shares[level], 0);
  const levels: Level[] = [];
  const given = { outcome: 0, progress: 0, detail: 0 };
  for (let n = 1; n <= sockets; n++) {
    // The level that is furthest behind its share is next.
    const behind = (level: Level) => (shares[level] / total) * n - given[level];
    const next = LEVELS.reduce((best, level) => (behind(level) > behind(best) ? level : best));
    given[next] += 1;
    levels.push(next);
  }
  return levels;
}
