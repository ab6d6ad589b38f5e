import { describe, expect, it } from 'vitest';
import { jobOf, USER, updatesOf } from './domain.testkit.ts';
import type { JobUpdate } from './domain.ts';
import type { Hint, UpdateLog } from './ports.ts';

export interface LogUnderTest {
  readonly log: UpdateLog;
  /** Loses everything that it holds, as a server without a disk does. */
  readonly lose: () => Promise<void>;
  /** Waits until so many hints came, and gives them. */
  readonly hints: (count: number) => Promise<readonly Hint[]>;
}

const JOB = jobOf('job');
const SAGA = updatesOf('job', ['PROGRESS', 'DETAIL', 'OUTCOME']);
const entryOf = (update: JobUpdate) => ({ update, traceparent: null });

/** Adds one update; answers with its outcome. */
async function appendOne(log: UpdateLog, update: JobUpdate) {
  const appended = await log.append([entryOf(update)]);
  return appended === 'lost' ? appended : appended[0]?.outcome;
}

/** What every log of updates promises. */
export function updateLogContract(name: string, start: () => Promise<LogUnderTest>): void {
  describe(name, () => {
    async function withSaga() {
      const subject = await start();
      for (const update of SAGA) await appendOne(subject.log, update);
      return subject;
    }

    it('gives back what came, in order, after a position and no more than asked for', async () => {
      const { log } = await withSaga();
      expect(await log.read(JOB, 0, 10)).toEqual(SAGA.map(entryOf));
      expect(await log.read(JOB, 1, 1)).toEqual(SAGA.slice(1, 2).map(entryOf));
      expect(await log.read(JOB, 3, 10)).toEqual([]);
      expect(await log.read(jobOf('other'), 0, 10)).toEqual([]);
    });

    it('takes each update once, and nothing that comes after a later one', async () => {
      const { log } = await withSaga();
      for (const update of SAGA) expect(await appendOne(log, update)).toBe('duplicate');
      expect(await log.read(JOB, 0, 10)).toHaveLength(3);
      expect(await log.readUser(USER, '0-0', 10)).toHaveLength(3);
    });

    it('adds several in one step, and answers with the outcome of each', async () => {
      const { log, hints } = await start();
      await appendOne(log, SAGA[0] as JobUpdate);
      const appended = await log.append(SAGA.map(entryOf));
      expect(appended).toMatchObject([
        { outcome: 'duplicate' },
        { outcome: 'appended' },
        { outcome: 'appended' },
      ]);
      expect(await log.read(JOB, 0, 10)).toEqual(SAGA.map(entryOf));
      const ids = (await hints(3)).map(({ id }) => id);
      expect(ids).toEqual((await log.readUser(USER, '0-0', 10)).map(({ id }) => id));
    });

    it("takes nothing about another user's job", async () => {
      const { log } = await withSaga();
      const [foreign] = updatesOf(
        'job',
        ['PROGRESS', 'PROGRESS', 'PROGRESS', 'OUTCOME'],
        'x',
      ).slice(3);
      if (foreign === undefined) throw new Error('there are four');
      expect(await appendOne(log, foreign)).toBe('foreign');
      expect(await log.readUser('x', '0-0', 10)).toEqual([]);
    });

    it('knows the ends of jobs and users', async () => {
      const { log } = await withSaga();
      const [head, none] = await log.heads([JOB, jobOf('other')]);
      expect(head).toMatchObject({ userId: USER, sequence: 3 });
      expect(none).toBeUndefined();
      const entries = await log.readUser(USER, '0-0', 10);
      expect(await log.userHeads([USER, 'x'])).toEqual([entries.at(-1)?.id, '0-0']);
      expect(await log.readUser(USER, entries[0]?.id ?? '', 10)).toEqual(entries.slice(1));
    });

    it('gives one hint for each update, each with the id of the one before', async () => {
      const { log, hints } = await withSaga();
      await appendOne(log, SAGA[0] as JobUpdate);
      const given = await hints(3);
      expect(given.map(({ entry }) => entry)).toEqual(SAGA.map(entryOf));
      const ids = given.map(({ id }) => id);
      expect(given.map(({ previousId }) => previousId)).toEqual(['0-0', ...ids.slice(0, -1)]);
      expect(ids).toEqual((await log.readUser(USER, '0-0', 10)).map(({ id }) => id));
    });

    it('takes nothing after it lost everything, until it is said to be intact', async () => {
      const { log, lose } = await withSaga();
      await lose();
      expect(await log.isIntact()).toBe(false);
      expect(await appendOne(log, SAGA[0] as JobUpdate)).toBe('lost');
      await log.restore([...SAGA, ...SAGA].map(entryOf));
      await log.markIntact();
      expect(await log.read(JOB, 0, 10)).toEqual(SAGA.map(entryOf));
      expect(await appendOne(log, SAGA[2] as JobUpdate)).toBe('duplicate');
    });

    it('sends no hint for what is put back', async () => {
      const { log, lose, hints } = await withSaga();
      await lose();
      await log.restore(SAGA.map(entryOf));
      expect(await log.readUser(USER, '0-0', 10)).toEqual([]);
      expect(await hints(3)).toHaveLength(3);
    });
  });
}
