import { LEVELS, type Level } from './jobs.ts';

/** What is wrong with a frame. */
export type Anomaly = 'gap' | 'duplicate' | 'reorder' | 'leak';

/** The fields of an update that its place is judged by. */
export interface TrackedFrame {
  readonly jobId: string;
  readonly sequence: number;
  readonly previousSequence: number;
  readonly level: string;
}

/** Numbers that were skipped: between two that came. */
interface Gap {
  readonly after: number;
  readonly before: number;
}

/** Gaps of one job that are remembered, to tell a late update from a repeated one. */
const GAPS_KEPT = 16;

/**
 * Judges the frames of one socket as they arrive, in constant memory per job: an update names the
 * one before it at its level, so that a single number per job shows a gap, a repetition, a wrong
 * order and a frame of another customer's job. The rules are those of
 * `load/xk6-sagaproof/tracker`, and both play `load/model/fixtures/frames.json`.
 */
export class FrameTracker {
  readonly #level: number;
  readonly #isOwn: (jobId: string) => boolean | undefined;
  /** By job, the last update that came, or that the client asked to begin after. */
  readonly #last = new Map<string, number>();
  readonly #gaps = new Map<string, Gap[]>();

  /** @param isOwn whether a job is of this socket's customer; undefined when that is not known */
  constructor(level: Level, isOwn: (jobId: string) => boolean | undefined) {
    this.#level = LEVELS.indexOf(level);
    this.#isOwn = isOwn;
  }

  /** The client begins to follow a job after this update. */
  begin(jobId: string, after: number): void {
    if ((this.#last.get(jobId) ?? -1) < after) this.#last.set(jobId, after);
  }

  /** The job is over: nothing more of it is followed. */
  end(jobId: string): void {
    this.#last.delete(jobId);
    this.#gaps.delete(jobId);
  }

  /** Jobs under way, each with the last update that came: what a client resumes with. */
  positions(): Record<string, number> {
    return Object.fromEntries(this.#last);
  }

  frame({ jobId, sequence, previousSequence, level }: TrackedFrame): Anomaly | undefined {
    const frameLevel = LEVELS.indexOf(level as Level);
    if (this.#isOwn(jobId) === false || frameLevel > this.#level || frameLevel < 0) return 'leak';
    const last = this.#last.get(jobId);
    if (last !== undefined && sequence <= last) return this.#late(jobId, sequence);
    this.#last.set(jobId, sequence);
    // A job that began before its subscription has updates that were not asked for.
    if (last === undefined || previousSequence <= last) return undefined;
    const gaps = this.#gaps.get(jobId) ?? [];
    gaps.push({ after: last, before: sequence });
    if (gaps.length > GAPS_KEPT) gaps.shift();
    this.#gaps.set(jobId, gaps);
    return 'gap';
  }

  #late(jobId: string, sequence: number): Anomaly {
    const gaps = this.#gaps.get(jobId) ?? [];
    const place = gaps.findIndex(({ after, before }) => sequence > after && sequence < before);
    if (place < 0) return 'duplicate';
    const [{ after, before }] = gaps.splice(place, 1) as [Gap];
    const rest = [
      { after, before: sequence },
      { after: sequence, before },
    ].filter((gap) => gap.before - gap.after > 1);
    gaps.push(...rest.slice(0, GAPS_KEPT - gaps.length));
    return 'reorder';
  }
}
