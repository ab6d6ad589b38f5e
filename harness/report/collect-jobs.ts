import type { RunVerdict } from '../checker/check.ts';
import type { HistoryEvent } from '../history/event.ts';
import { type Described, describeEvent } from './describe-event.ts';
import { JobIndex, type KnownJob } from './job-index.ts';
import { LANES, type ReportData, type ReportEvent, type ReportJob } from './report-data.ts';

/** Keeps the page fast to open; jobs with violations come first. */
export const JOBS_SHOWN_MAX = 1_000;
/** Limits a job that retries endlessly; a longer timeline is unreadable. */
const EVENTS_OF_JOB_MAX = 500;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Collects the jobs that the page shows, with all their events. Reads the history twice: once to
 * find the jobs, once to collect the events of the shown ones.
 *
 * @param read opens the history again
 */
export function collectJobs(
  read: () => Iterable<HistoryEvent>,
  verdict: RunVerdict,
  shownMax: number = JOBS_SHOWN_MAX,
): ReportData {
  const violations = verdict.invariants.flatMap(({ name, witness = [] }) =>
    witness.map((violation, place) => ({ invariant: name, place, ...violation })),
  );
  const witnesses = new Map<number, Array<{ invariant: string; place: number }>>();
  for (const { invariant, place, witness } of violations) {
    for (const index of witness) {
      const of = witnesses.get(index) ?? [];
      of.push({ invariant, place });
      witnesses.set(index, of);
    }
  }
  const index = new JobIndex();
  let beganMs = 0;
  const pointedAt: HistoryEvent[] = [];
  for (const event of read()) {
    if (event.type === 'run-started') beganMs = event.atMs;
    index.learn(event);
    if (witnesses.has(event.index)) pointedAt.push(event);
  }
  const violating = new Set(pointedAt.flatMap((event) => index.jobsOf(event)));
  const shown = choose([...index.jobs.values()], violating, shownMax);
  const jobs = new Map(shown.map((job) => [job.jobId, reportJob(job)]));
  const elsewhere = collect(read, { index, jobs, witnesses, beganMs });
  for (const job of jobs.values()) finishJob(job);
  return {
    jobs: [...jobs.values()],
    jobsInAll: index.jobs.size,
    lanes: LANES,
    elsewhere,
    violations,
  };
}

/** Jobs with violations, then failed ones, then the others; each group by time. */
function choose(
  known: readonly KnownJob[],
  violating: ReadonlySet<string>,
  shownMax: number,
): KnownJob[] {
  const rank = (job: KnownJob): number =>
    violating.has(job.jobId) ? 0 : job.state === 'SUCCEEDED' ? 2 : 1;
  return known.toSorted((a, b) => rank(a) - rank(b) || a.beganMs - b.beganMs).slice(0, shownMax);
}

interface Collecting {
  readonly index: JobIndex;
  readonly jobs: ReadonlyMap<string, Mutable<ReportJob>>;
  readonly witnesses: ReadonlyMap<number, ReadonlyArray<{ invariant: string; place: number }>>;
  readonly beganMs: number;
}

/** Second pass; returns witness events that belong to no shown job. */
function collect(read: () => Iterable<HistoryEvent>, to: Collecting): ReportEvent[] {
  const elsewhere: ReportEvent[] = [];
  for (const event of read()) {
    const pointing = to.witnesses.get(event.index);
    const shown = to.index
      .jobsOf(event)
      .map((jobId) => to.jobs.get(jobId))
      .filter((job) => job !== undefined);
    if (shown.length === 0 && pointing === undefined) continue;
    const described = describeEvent(event);
    if (described === undefined) continue;
    const seen = reportEvent(event.index, described, to.beganMs);
    if (shown.length === 0) elsewhere.push(seen);
    for (const job of shown) {
      const list = described.mark === 'state' ? job.end : job.events;
      if (list.length < EVENTS_OF_JOB_MAX || pointing !== undefined) {
        list.push({ ...seen, causes: [] });
      }
      for (const violation of pointing ?? []) {
        const known = job.violations.some(
          ({ invariant, place }) => invariant === violation.invariant && place === violation.place,
        );
        if (!known) job.violations.push(violation);
      }
    }
  }
  return elsewhere;
}

const reportEvent = (
  index: number,
  { atMs, lane, mark, label, lastsMs, bad, detail }: Described,
  beganMs: number,
): ReportEvent => ({
  index,
  ms: round(atMs - beganMs),
  lane,
  mark,
  label,
  ...(lastsMs === undefined ? {} : { lastsMs: round(lastsMs) }),
  ...(bad === true ? { bad } : {}),
  causes: [],
  detail,
});

const reportJob = (job: KnownJob): Mutable<ReportJob> => ({
  jobId: job.jobId,
  orderId: job.orderId,
  userId: job.userId,
  scenario: job.scenario,
  saga: job.saga,
  state: job.state,
  reason: job.reason,
  lastsMs: Math.max(0, round(job.endedMs - job.beganMs)),
  events: [],
  end: [],
  violations: [],
});

/** Events of a job by the ids that other events refer to. */
interface Named {
  readonly stored: Map<string, ReportEvent>;
  readonly published: Map<string, ReportEvent>;
  /** Job updates, by their sequence number. */
  readonly updates: Map<number, ReportEvent>;
}

/** Links effects to their causes and orders them after their causes. */
function finishJob(job: ReportJob): void {
  const named: Named = { stored: new Map(), published: new Map(), updates: new Map() };
  for (const event of job.events) {
    const { id, value } = event.detail as { id?: string; value?: Record<string, unknown> };
    if (event.mark === 'stored' && id !== undefined) named.stored.set(id, event);
    const messageId = value?.['messageId'];
    if (typeof messageId === 'string' && !named.published.has(messageId)) {
      named.published.set(messageId, event);
    }
    const sequence = value?.['sequence'];
    if (event.mark === 'update' && typeof sequence === 'number') {
      named.updates.set(sequence, event);
    }
  }
  for (const event of job.events) {
    const cause = causeOf(event, named);
    if (cause === undefined || cause === event) continue;
    event.causes.push(cause.index);
    if (event.ms >= cause.ms) continue;
    // Clocks differ and a witness may read late, but an effect is never shown before its cause. The
    // time of a published record is more precise than that of a stored event.
    if (cause.mark === 'stored') (cause as Mutable<ReportEvent>).ms = event.ms;
    else (event as Mutable<ReportEvent>).ms = cause.ms;
  }
  job.events.sort((a, b) => a.ms - b.ms || rankOf(a) - rankOf(b) || a.index - b.index);
}

/** A stored event precedes the record that is published from it at the same time. */
const rankOf = ({ mark }: ReportEvent): number => (mark === 'stored' ? 0 : 1);

/** The stored event that a record was published from; else the cause that it names. */
function causeOf(event: ReportEvent, { stored, published, updates }: Named) {
  const { value, message, metadata } = event.detail as {
    value?: Readonly<Record<string, unknown>>;
    message?: Readonly<Record<string, unknown>>;
    metadata?: { readonly causationId?: unknown };
  };
  if (event.mark === 'frame') return updates.get(Number(message?.['sequence']));
  const named = String((event.mark === 'stored' ? metadata : value)?.['causationId']);
  const origin = value === undefined ? undefined : stored.get(String(value['messageId']));
  return origin ?? published.get(named) ?? stored.get(named);
}

const round = (ms: number): number => Math.round(ms * 100) / 100;
