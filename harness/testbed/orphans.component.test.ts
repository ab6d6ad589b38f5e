import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal, readJournal, unfinished } from '../kernel/journal.ts';
import { retry } from '../kernel/poll.ts';
import type { ProcessIdentity } from '../kernel/process-event.ts';
import { endProcess, identify, isRunning } from '../kernel/process-identity.ts';
import { type RunPaths, runPaths } from '../kernel/run-folder.ts';
import { isSupervised, sweepOrphans } from './orphans.ts';

const WAIT_MS = 10_000;
let folder: string;
let paths: RunPaths;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orphans-'));
  paths = runPaths(folder);
  mkdirSync(paths.data);
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function startSleeper(env: Record<string, string> = {}): ProcessIdentity {
  const options = { detached: true, stdio: 'ignore', env: { ...process.env, ...env } } as const;
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], options);
  children.push(child);
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (!identity) throw new Error('the child did not start');
  return identity;
}

/** A supervisor that has ended without a word. */
async function deadSupervisor(): Promise<ProcessIdentity> {
  const identity = startSleeper();
  await endProcess(identity);
  return identity;
}

const record = (id: string, identity: ProcessIdentity) =>
  openJournal(paths.processes).append({
    event: 'started',
    id,
    kind: id === 'supervisor' ? 'supervisor' : 'infrastructure',
    identity,
  });

describe('a process is known by more than its pid', () => {
  it('sees that a recorded process runs, and that it has ended', async () => {
    const identity = startSleeper();
    expect(isRunning(identity)).toBe(true);
    expect(await endProcess(identity)).toBe(true);
    expect(isRunning(identity)).toBe(false);
    expect(await endProcess(identity)).toBe(false);
  });

  it('leaves a process alone that has the pid but another start time', async () => {
    const identity = startSleeper();
    const stranger = { ...identity, startTime: String(Number(identity.startTime) - 1) };
    expect(isRunning(stranger)).toBe(false);
    expect(await endProcess(stranger)).toBe(false);
    expect(isRunning(identity)).toBe(true);
  });

  it('leaves a process alone that has the pid of one from before a reboot', async () => {
    const identity = startSleeper();
    expect(await endProcess({ ...identity, bootId: 'before' })).toBe(false);
    expect(isRunning(identity)).toBe(true);
  });
});

describe('what a killed run left behind', () => {
  it('is ended by the next run, and the journal says so', async () => {
    record('supervisor', await deadSupervisor());
    const orphan = startSleeper();
    record('kafka', orphan);
    expect(await sweepOrphans([paths])).toEqual([{ runId: paths.runId, ended: ['kafka'] }]);
    expect(isRunning(orphan)).toBe(false);
    expect(unfinished(readJournal(paths.processes))).toEqual([]);
    expect(await sweepOrphans([paths])).toEqual([]);
  });

  it('is left alone while its supervisor lives', async () => {
    record('supervisor', startSleeper());
    const child = startSleeper();
    record('kafka', child);
    expect(isSupervised(readJournal(paths.processes))).toBe(true);
    expect(await sweepOrphans([paths])).toEqual([]);
    expect(isRunning(child)).toBe(true);
  });

  it('includes what a recorded process started, even when that process is gone', async () => {
    record('supervisor', await deadSupervisor());
    const marker = { SAGAPROOF_RUN_ID: paths.runId };
    const script = `const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      console.log(child.pid);`;
    const shell = spawn(process.execPath, ['-e', script], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, ...marker },
    });
    children.push(shell);
    const leader = shell.pid === undefined ? undefined : identify(shell.pid);
    const [line] = (await once(shell.stdout, 'data')) as [Buffer];
    const grandchild = identify(Number(line.toString()));
    if (!leader || !grandchild) throw new Error('the processes did not start');
    shell.kill('SIGKILL');
    await retry(
      'the leader has ended',
      () => {
        if (isRunning(leader)) throw new Error('it runs');
      },
      { signal: AbortSignal.timeout(WAIT_MS) },
    );
    record('order-1', leader);
    expect(await sweepOrphans([paths])).toEqual([{ runId: paths.runId, ended: ['order-1'] }]);
    expect(isRunning(grandchild)).toBe(false);
  });

  it('is found though the journal is damaged and its last line cut short', async () => {
    record('supervisor', await deadSupervisor());
    appendFileSync(paths.processes, 'not a line of ours\n{"event":"started"}\n');
    const orphan = startSleeper();
    record('kafka', orphan);
    appendFileSync(paths.processes, '{"at":"2026-01-0');
    expect(await sweepOrphans([paths])).toEqual([{ runId: paths.runId, ended: ['kafka'] }]);
    expect(isRunning(orphan)).toBe(false);
  });
});
