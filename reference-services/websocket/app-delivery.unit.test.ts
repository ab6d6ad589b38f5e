import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryUpdateLog } from './adapters/memory-log.ts';
import {
  type AllSubscription,
  Delivery,
  notReading,
  rememberSent,
  type Session,
} from './app-delivery.ts';
import { jobOf, USER, updatesOf } from './domain.testkit.ts';
import { type Frame, isVisible, type JobUpdate, type Level } from './domain.ts';
import type { Hint, LogHead } from './ports.ts';

const SEED = Number(process.env['FAST_CHECK_SEED'] ?? 20_261_122);
const JOB = jobOf('job');

/** A log whose answers come when the test says so, as old as they were when it was asked. */
class SlowLog extends MemoryUpdateLog {
  readonly #waiting: Array<() => void> = [];

  async #later<T>(answer: T): Promise<T> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return answer;
  }

  override async read(...asked: Parameters<MemoryUpdateLog['read']>) {
    return this.#later(await super.read(...asked));
  }

  override async readUser(...asked: Parameters<MemoryUpdateLog['readUser']>) {
    return this.#later(await super.readUser(...asked));
  }

  /** Lets one answer through. False when none waits. */
  async answerOne(): Promise<boolean> {
    const resolve = this.#waiting.shift();
    resolve?.();
    await settled();
    return resolve !== undefined;
  }
}

/** Every promise that can go on has gone on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp() {
  const hints: Hint[] = [];
  const frames: Frame[] = [];
  const ended: string[] = [];
  const log = new SlowLog((hint) => hints.push(hint));
  const delivery = new Delivery({
    log,
    registry: { unsubscribe: async (_socket, jobId) => void ended.push(jobId ?? '*') },
    onFailure: (error) => {
      throw error;
    },
  });
  const session: Session = {
    socket: { socketId: 's', userId: USER, nodeId: 'n', connectedAtMs: 1 },
    outbound: {
      send: (frame) => void frames.push(frame),
      room: async () => undefined,
      close: () => undefined,
    },
    jobs: new Map(),
    all: undefined,
    isClosed: false,
  };
  const compare = async () => {
    const jobIds = [...session.jobs.keys()];
    const found = await log.heads(jobIds);
    const heads = new Map<string, LogHead | undefined>();
    jobIds.forEach((jobId, index) => void heads.set(jobId, found[index]));
    delivery.compare(session, heads, (await log.userHeads([USER]))[0] ?? '0-0');
  };
  const quiet = async () => {
    await compare();
    await settled();
    while (await log.answerOne()) await settled();
  };
  const sequences = (jobId: string) =>
    frames.flatMap((frame) =>
      'sequence' in frame && frame['jobId'] === jobId ? [frame['sequence']] : [],
    );
  return { hints, frames, ended, log, delivery, session, compare, quiet, sequences };
}

const subscription = (level: Level, sequence = 0) => ({
  level,
  sequence,
  state: 'open' as const,
  sinceMs: 0,
  reading: notReading(),
});

const allSubscription = (level: Level, cursor = '0-0'): AllSubscription => ({
  level,
  cursor,
  state: 'open',
  reading: notReading(),
  sentBefore: new Map(),
});

type Step = { readonly kind: 'append' | 'hint' | 'compare' | 'answer'; readonly index: number };
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom<Step['kind']>('append', 'append', 'hint', 'hint', 'compare', 'answer'),
    index: fc.nat({ max: 100 }),
  }),
  { maxLength: 80 },
);
const levels = fc.array(fc.constantFrom<JobUpdate['level']>('OUTCOME', 'PROGRESS', 'DETAIL'), {
  minLength: 1,
  maxLength: 12,
});
const wanted = fc.constantFrom<Level>('outcome', 'progress', 'detail');

/** Appends in order; gives hints late, again, or never; lets answers through late. */
async function play(
  parts: ReturnType<typeof setUp>,
  updates: readonly JobUpdate[],
  history: readonly Step[],
) {
  const { log, hints, delivery, session, compare, quiet } = parts;
  let next = 0;
  const append = async () => {
    const update = updates[next];
    next += 1;
    if (update !== undefined) await log.append([{ update, traceparent: null }]);
  };
  for (const { kind, index } of history) {
    const hint = hints[index % Math.max(1, hints.length)];
    if (kind === 'append') await append();
    else if (kind === 'compare') await compare();
    else if (kind === 'answer') await log.answerOne();
    else if (hint !== undefined) delivery.offer(session, hint);
  }
  while (next < updates.length) await append();
  await quiet();
}

const visible = (updates: readonly JobUpdate[], level: Level) =>
  updates.filter((update) => isVisible(update, level)).map((update) => update.sequence);

describe('whatever happens to hints and reads', () => {
  it(`a subscription to a job gets each update once and in order (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(levels, steps, wanted, async (all, history, level) => {
        const parts = setUp();
        parts.session.jobs.set(JOB, subscription(level));
        const updates = updatesOf('job', all);
        await play(parts, updates, history);
        expect(parts.sequences(JOB)).toEqual(visible(updates, level));
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it(`a subscription to all jobs gets each update once and in order (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(levels, levels, steps, wanted, async (one, other, history, level) => {
        const parts = setUp();
        parts.session.all = allSubscription(level);
        const [first, second] = [updatesOf('job', one), updatesOf('other', other)];
        const mixed = first.flatMap((update, index) => [update, ...second.slice(index, index + 1)]);
        await play(parts, [...mixed, ...second.slice(first.length)], history);
        expect(parts.sequences(JOB)).toEqual(visible(first, level));
        expect(parts.sequences(jobOf('other'))).toEqual(visible(second, level));
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});

describe('a subscription to all jobs', () => {
  const [first, second] = updatesOf('job', ['PROGRESS', 'PROGRESS']);
  if (first === undefined || second === undefined) throw new Error('there are two');

  it('reads the log when a hint before this one was lost, without waiting to compare', async () => {
    const { session, delivery, hints, log, sequences } = setUp();
    session.all = allSubscription('detail');
    for (const update of [first, second]) await log.append([{ update, traceparent: null }]);
    delivery.offer(session, hints[1] as Hint);
    await settled();
    await log.answerOne();
    expect(sequences(JOB)).toEqual([1, 2]);
  });

  it('does not send again what the job’s own subscription has sent', async () => {
    const { session, delivery, hints, log, sequences } = setUp();
    const all = allSubscription('detail');
    session.all = all;
    session.jobs.set(JOB, subscription('detail'));
    for (const update of [first, second]) await log.append([{ update, traceparent: null }]);
    delivery.catchUp(session, JOB);
    await settled();
    await log.answerOne();
    rememberSent(all, JOB, session.jobs.get(JOB)?.sequence ?? 0);
    session.jobs.delete(JOB);
    for (const hint of hints) delivery.offer(session, hint);
    expect(sequences(JOB)).toEqual([1, 2]);
  });
});

describe("another user's job", () => {
  const [foreign] = updatesOf('job', ['PROGRESS'], 'user-2');
  if (foreign === undefined) throw new Error('there is one');

  it.each(['by comparing', 'by reading'])(
    'ends the subscription %s, and shows nothing',
    async (how) => {
      const { session, delivery, frames, ended, log, compare } = setUp();
      session.jobs.set(JOB, subscription('detail'));
      await log.append([{ update: foreign, traceparent: null }]);
      if (how === 'by comparing') await compare();
      else delivery.catchUp(session, JOB);
      if (how === 'by reading') {
        await settled();
        await log.answerOne();
      }
      expect(frames).toMatchObject([{ type: 'error', code: 'job-not-found', jobId: JOB }]);
      expect(ended).toEqual([JOB]);
      expect(session.jobs.size).toBe(0);
    },
  );
});

describe('a closed socket', () => {
  it('gets nothing of a read that was under way', async () => {
    const { session, delivery, frames, log } = setUp();
    session.jobs.set(JOB, subscription('detail'));
    for (const update of updatesOf('job', ['PROGRESS']))
      await log.append([{ update, traceparent: null }]);
    delivery.catchUp(session, JOB);
    session.isClosed = true;
    await settled();
    await log.answerOne();
    expect(frames).toEqual([]);
  });
});
