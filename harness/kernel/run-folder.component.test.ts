import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createRunFolder,
  listRuns,
  markLatest,
  newRunId,
  pruneRuns,
  runPaths,
} from './run-folder.ts';

let folder: string;
const before = process.env['SAGAPROOF_RUNS_DIR'];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runs-'));
  process.env['SAGAPROOF_RUNS_DIR'] = folder;
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  if (before === undefined) delete process.env['SAGAPROOF_RUNS_DIR'];
  else process.env['SAGAPROOF_RUNS_DIR'] = before;
});

function makeRun(runId: string): void {
  writeFileSync(createRunFolder(runId).spec, '{}');
}

describe('the runs folder', () => {
  it('lists runs the newest first, and the latest one by a link', () => {
    makeRun('20260101-000000-aaaaaa');
    makeRun('20260102-000000-bbbbbb');
    markLatest(join(folder, '20260101-000000-aaaaaa'));
    markLatest(join(folder, '20260102-000000-bbbbbb'));
    expect(listRuns().map(({ runId }) => runId)).toEqual([
      '20260102-000000-bbbbbb',
      '20260101-000000-aaaaaa',
    ]);
    expect(readlinkSync(join(folder, 'latest'))).toBe('20260102-000000-bbbbbb');
  });

  it('keeps the newest runs and the ones in use', () => {
    for (const day of ['01', '02', '03', '04']) makeRun(`202601${day}-000000-aaaaaa`);
    pruneRuns(({ runId }) => runId.startsWith('20260101'), 2);
    expect(listRuns().map(({ runId }) => runId.slice(6, 8))).toEqual(['04', '03', '01']);
  });

  it('removes what was recorded as well as stacks, and nothing that is not of a run', () => {
    const recorded = createRunFolder('20260101-000000-aaaaaa').folder;
    const theirs = join(folder, 'my-notes');
    mkdirSync(theirs);
    for (const day of ['02', '03']) makeRun(`202601${day}-000000-aaaaaa`);
    pruneRuns(() => false, 2);
    expect([recorded, theirs].map((path) => existsSync(path))).toEqual([false, true]);
  });

  it('names the obstacle and the fix when it is not a folder', () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    process.env['SAGAPROOF_RUNS_DIR'] = file;
    const says = /runs cannot be kept in .*a-file: ENOTDIR.*name another in SAGAPROOF_RUNS_DIR/;
    expect(() => listRuns()).toThrow(says);
    expect(() => createRunFolder()).toThrow(says);
  });

  it('says so where no folder can be made, and ends', () => {
    process.env['SAGAPROOF_RUNS_DIR'] = '/proc/none/runs';
    expect(() => createRunFolder()).toThrow(/runs cannot be kept in \/proc\/none\/runs: E[A-Z]+/);
  });

  it('gives ids that sort by time and differ within a second', () => {
    const [early, late] = [new Date('2026-01-01T10:00:00Z'), new Date('2026-01-01T10:00:01Z')];
    expect(newRunId(early) < newRunId(late)).toBe(true);
    expect(newRunId(early)).not.toBe(newRunId(early));
    expect(newRunId(early)).toMatch(/^20260101-100000-[0-9a-f]{6}$/);
  });

  it('puts the control socket elsewhere when the path is too long for one', () => {
    expect(runPaths('/short/run').controlSocket).toBe('/short/run/control.sock');
    const long = runPaths(`/${'x'.repeat(90)}/run-1`).controlSocket;
    expect(long).toBe(join(tmpdir(), 'sagaproof-run-1-control.sock'));
  });
});
