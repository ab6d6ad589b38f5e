import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import frameCases from './fixtures/frames.json' with { type: 'json' };
import { FrameTracker } from './frame-tracker.ts';
import {
  dueOf,
  jobIdOf,
  LEVELS,
  type Level,
  levelsOf,
  orderIdOf,
  ownerOf,
  plannedUpdates,
  stampOf,
} from './jobs.ts';
import { LoadModelSchema, SloFileSchema } from './model-schema.ts';
import { MODELS } from './models.ts';
import { readModel, readSlo } from './read-model.ts';
import { Schedule, stagesOf } from './schedule.ts';
import { judgeSlo, thresholdsOf } from './slo.ts';
import { SLOS } from './slos.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe('a model', () => {
  it('is valid when it is built in, and so is every SLO', () => {
    for (const model of MODELS) expect(LoadModelSchema.safeParse(model).error).toBeUndefined();
    expect(SloFileSchema.safeParse(SLOS).error).toBeUndefined();
    expect(new Set(MODELS.map(({ name }) => name)).size).toBe(MODELS.length);
  });

  it('is read from YAML, with defaults', () => {
    const path = file(
      'mine.yaml',
      'name: mine\nclaims: it holds\ndurationSeconds: 5\nsockets: { users: 3 }\nslo: delivery\n',
    );
    expect(readModel(path)).toMatchObject({
      name: 'mine',
      sockets: { users: 3, perUser: 1, subscribe: 'all-jobs', slowShare: 0 },
    });
  });

  it.each([
    ['sockets: { users: 3, slowShares: 1 }', 'sockets: there is no field slowShares'],
    ['sockets: { users: 0 }', 'sockets.users'],
    ['sockets: { users: 3 }\nfaults: [kill-everything]', 'faults.0: must be like'],
    ['sockets: { users: 3 }\nsearch: { factor: 2, stepSeconds: 5 }', 'search: a search raises'],
  ])('names what is wrong: %s', (line, message) => {
    const path = file('bad.yaml', `name: bad\nclaims: x\ndurationSeconds: 5\nslo: s\n${line}\n`);
    expect(() => readModel(path)).toThrow(message);
    expect(() => readModel(path)).toThrow(path);
  });

  it('suggests the name that was meant', () => {
    expect(() => readModel('fan-ot')).toThrow(
      expect.objectContaining({ code: 'unknown-name', fix: 'did you mean fan-out?' }),
    );
  });

  it('names a file that is not there', () => {
    expect(() => readModel('no/such.yaml')).toThrow('there is no such file');
  });
});

describe('an SLO', () => {
  it('is read from a file in place of the built-in ones', () => {
    const path = file('slos.yaml', 'mine: { deliveryP99Ms: 50 }\n');
    expect(readSlo('mine', path)).toMatchObject({ deliveryP99Ms: 50, gaps: 0 });
    expect(() => readSlo('delivery', path)).toThrow('known: mine');
  });

  const good = { gaps: 0, duplicates: 0, reorders: 0, leaks: 0, missing: 0, unfinished: 0 };
  const nothing = { ...good, attempts: 0, errors: 0 };

  it('is missed by one gap, and by a percentile above its limit', () => {
    const slo = readSlo('delivery');
    expect(judgeSlo(slo, nothing).every(({ isKept }) => isKept)).toBe(true);
    const measured = { ...nothing, gaps: 1, delivery: { count: 9, p50: 1, p99: 501 } };
    const missed = judgeSlo(slo, measured).filter(({ isKept }) => !isKept);
    expect(missed.map(({ name, kind }) => [name, kind])).toEqual([
      ['deliveryP99Ms', 'time'],
      ['gaps', 'safety'],
    ]);
  });

  it('becomes thresholds of k6', () => {
    expect(thresholdsOf(readSlo('delivery'))).toMatchObject({
      sagaproof_delivery: ['med<=100', 'p(99)<=500'],
      sagaproof_gaps: ['count<=0'],
      sagaproof_errors: ['rate<=0'],
    });
  });
});

describe('a schedule', () => {
  it('spaces arrivals evenly and ends', () => {
    const schedule = new Schedule([{ perSecond: 4, seconds: 2 }]);
    const due = Array.from({ length: 9 }, (_, n) => schedule.dueMs(n));
    expect(due).toEqual([0, 250, 500, 750, 1_000, 1_250, 1_500, 1_750, undefined]);
  });

  it('raises the rate step by step in a search', () => {
    const search = { factor: 2, stepSeconds: 2 };
    const schedule = new Schedule(stagesOf(1, { durationSeconds: 6, search }));
    expect(schedule.stages.map(({ perSecond }) => perSecond)).toEqual([1, 2, 4]);
    expect(schedule.count).toBe(2 + 4 + 8);
    expect(schedule.dueMs(2)).toBe(2_000);
    expect([0, 2_500, 5_999, 9_000].map((ms) => schedule.stageAt(ms))).toEqual([0, 1, 2, 2]);
  });

  it('has as many arrivals as it says, in order', () => {
    const stage = fc.record({
      perSecond: fc.integer({ min: 1, max: 500 }),
      seconds: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(stage, { minLength: 1, maxLength: 4 }), (stages) => {
        const schedule = new Schedule(stages);
        let before = -1;
        for (let n = 0; n < schedule.count; n++) {
          const due = schedule.dueMs(n) ?? Number.NaN;
          expect(due).toBeGreaterThan(before);
          before = due;
        }
        expect(before).toBeLessThan(schedule.durationMs);
        expect(schedule.dueMs(schedule.count)).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });
});

describe('jobs of a load', () => {
  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89][0-9a-f]{3}-[0-9a-f]{12}$/;

  it('name their owner, and are UUIDs', () => {
    const id = jobIdOf('deadbeef', 4_097, 70_000);
    expect(id).toMatch(UUID);
    expect(orderIdOf(id)).toMatch(UUID);
    expect(ownerOf('deadbeef', id)).toBe(4_097);
    expect(ownerOf('cafebabe', id)).toBeUndefined();
  });

  it('have updates that name the one before at each level', () => {
    const updates = plannedUpdates(5);
    expect(updates.map(({ kind }) => kind)).toEqual([
      ...['STARTED', 'STEP_COMPLETED', 'DOMAIN_EVENT', 'STEP_COMPLETED', 'SUCCEEDED'],
    ]);
    expect(updates.at(-1)?.previous).toEqual({ outcome: 0, progress: 4, detail: 4 });
    expect(updates[3]?.previous).toEqual({ outcome: 0, progress: 2, detail: 3 });
  });

  it('say when an update was due', () => {
    expect(dueOf(stampOf(1_234.5, 'xxx'))).toBe(1_234.5);
    expect(dueOf('StockReserved')).toBeUndefined();
  });

  it('spread levels by their shares', () => {
    const levels = levelsOf({ outcome: 1, progress: 1, detail: 2 }, 8);
    expect(LEVELS.map((level) => levels.filter((one) => one === level).length)).toEqual([2, 2, 4]);
  });
});

describe('the tracker of frames', () => {
  const isOwn = (jobId: string) => (jobId === 'other' ? false : jobId.startsWith('own'));

  it.each(frameCases)('judges $name', ({ level, frames, begins = {} }) => {
    const tracker = new FrameTracker(level as Level, isOwn);
    for (const [jobId, after] of Object.entries(begins)) tracker.begin(jobId, Number(after));
    const found = frames.map(({ job, sequence, previous, level: of }) =>
      tracker.frame({ jobId: job, sequence, previousSequence: previous, level: of }),
    );
    expect(found.map((one) => one ?? null)).toEqual(frames.map(({ finds }) => finds));
  });

  it('notices any single frame that is lost, repeated or swapped', () => {
    const updates = plannedUpdates(12);
    const frames = updates.map(({ sequence, previous, level }) => {
      return { jobId: 'own', sequence, previousSequence: previous.detail, level };
    });
    const play = (list: typeof frames) => {
      const tracker = new FrameTracker('detail', isOwn);
      tracker.begin('own', 0);
      return list.flatMap((frame) => tracker.frame(frame) ?? []);
    };
    expect(play(frames)).toEqual([]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), (at) => {
        expect(play(frames.toSpliced(at, 1))).toEqual(['gap']);
        expect(play(frames.toSpliced(at, 0, frames[at] as never))).toEqual(['duplicate']);
        const swapped = frames.with(at, frames[at + 1] as never).with(at + 1, frames[at] as never);
        expect(play(swapped)).toEqual(['gap', 'reorder']);
      }),
    );
  });

  it('resumes with what it saw, and forgets a job that is over', () => {
    const tracker = new FrameTracker('detail', isOwn);
    tracker.begin('own', 0);
    tracker.frame({ jobId: 'own', sequence: 1, previousSequence: 0, level: 'progress' });
    expect(tracker.positions()).toEqual({ own: 1 });
    tracker.end('own');
    expect(tracker.positions()).toEqual({});
  });
});
