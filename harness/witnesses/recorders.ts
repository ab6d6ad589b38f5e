import type { HistorySource } from '../history/sources.ts';
import type { AddressBook } from '../kernel/address-book.ts';
import { deadline, orAborted, until, within } from '../kernel/poll.ts';
import { WITNESSES } from './all.ts';
import { RunEntities } from './run-entities.ts';
import type { RecordEvent, Recorder, Witness, WitnessContext } from './witness.ts';

/** From a running stack to witnesses that record, on a busy machine. */
const START_DEADLINE_MS = 60_000;
/** Reading the end of a stream, once nothing is under way. */
const SETTLE_DEADLINE_MS = 10_000;
/** A witness keeps its deadline itself; one that hangs is given up a little later. */
const HUNG_AFTER_MS = 2_000;

/** All witnesses of a running stack. */
export interface Recorders {
  /**
   * Waits until nothing is under way in the system, or for the deadline. Rejects only when the
   * signal aborts.
   *
   * @returns whether the system was quiet in time
   */
  quiet(deadlineMs: number, signal: AbortSignal): Promise<boolean>;
  /**
   * Call it when all clients have ended and the system is quiet: records the rest, and for each
   * source whether it is complete. Rejects only when the signal aborts.
   *
   * @param doubt why no source can be complete, if so
   */
  settle(signal: AbortSignal, doubt?: string): Promise<void>;
  close(): Promise<void>;
}

export interface RecordersOptions {
  readonly book: AddressBook;
  /** Unique; part of the name of whatever a witness creates on the stack. */
  readonly run: string;
  readonly record: RecordEvent;
  /** Starting is given up when it aborts: then this rejects with its reason. */
  readonly signal: AbortSignal;
  readonly witnesses?: readonly Witness[];
  readonly startDeadlineMs?: number;
}

/**
 * Starts the witnesses of a stack. When it resolves, nothing that happens from now on is missed;
 * what happened before is not recorded.
 */
export async function startRecorders(options: RecordersOptions): Promise<Recorders> {
  const { startDeadlineMs = START_DEADLINE_MS, signal } = options;
  using limit = deadline('starting the witnesses', startDeadlineMs, signal);
  const starting = start(options);
  try {
    return await orAborted(starting, limit.signal);
  } catch (error) {
    // Witnesses of a system that went away may start later: close them then.
    void starting.then((late) => late.close()).catch(() => undefined);
    throw error;
  }
}

interface Started {
  readonly witness: Witness;
  readonly recorder: Recorder;
}

async function start(options: RecordersOptions): Promise<Recorders> {
  const { book, run, witnesses = WITNESSES } = options;
  const entities = new RunEntities();
  const record: RecordEvent = (event) => {
    entities.observe(event);
    options.record(event);
  };
  const context: WitnessContext = { book, run, beganMs: Date.now(), record, entities };
  await using open = new AsyncDisposableStack();
  const started: Started[] = [];
  for (const witness of witnesses) {
    const recorder = await witness.start(context);
    if (recorder === undefined) continue;
    open.defer(() => recorder.close());
    started.push({ witness, recorder });
  }
  // From here on the caller closes them.
  const opened = open.move();
  return {
    async quiet(deadlineMs, signal) {
      // A system that never gets quiet is recorded as it is: invariants report what is missing.
      const look = () => allDrained(started);
      const isQuiet = await until('a quiet system', look, deadlineMs, signal).catch(() => false);
      signal.throwIfAborted();
      return isQuiet;
    },
    async settle(signal, doubt) {
      const sources = new SourceStates(started, record);
      const settle = (one: Started) =>
        settleOne(one).then((problem) => sources.settled(one, problem ?? doubt));
      await Promise.all(started.filter((one) => one.witness.settles === 'snapshot').map(settle));
      signal.throwIfAborted();
      for (const one of started.filter(({ witness }) => witness.settles === 'stream')) {
        await settle(one);
      }
    },
    close: () => opened.disposeAsync(),
  };
}

async function allDrained(started: readonly Started[]): Promise<boolean> {
  for (const { recorder } of started) {
    if (recorder.drained !== undefined && !(await recorder.drained())) return false;
  }
  return true;
}

/** Why the witness is incomplete, if it is. Never rejects. */
async function settleOne({ witness, recorder }: Started): Promise<string | undefined> {
  const deadlineMs = witness.settleDeadlineMs ?? SETTLE_DEADLINE_MS;
  try {
    await within(
      `reading ${witness.name}`,
      deadlineMs + HUNG_AFTER_MS,
      recorder.settle(deadlineMs),
    );
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Closes each source when the last of its witnesses has settled. */
class SourceStates {
  readonly #record: RecordEvent;
  readonly #witnesses = new Map<HistorySource, Started[]>();
  readonly #settled = new Map<Started, string | undefined>();

  constructor(started: readonly Started[], record: RecordEvent) {
    this.#record = record;
    for (const one of started) {
      for (const source of one.witness.sources) {
        this.#witnesses.set(source, [...(this.#witnesses.get(source) ?? []), one]);
      }
    }
  }

  settled(one: Started, problem: string | undefined): void {
    this.#settled.set(one, problem);
    for (const source of one.witness.sources) {
      const witnesses = this.#witnesses.get(source) ?? [];
      if (witnesses.every((each) => this.#settled.has(each))) this.#close(source, witnesses);
    }
  }

  #close(source: HistorySource, witnesses: readonly Started[]): void {
    const problems = witnesses.flatMap((each) => this.#settled.get(each) ?? []);
    const events = witnesses.reduce((sum, { recorder }) => sum + recorder.events, 0);
    const state = problems.length === 0 ? 'complete' : 'incomplete';
    const reason = problems.length === 0 ? {} : { reason: problems.join('; ') };
    this.#record({ type: 'source-closed', source, state, events, ...reason });
  }
}
