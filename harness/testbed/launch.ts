/** Starts a supervisor and follows it until its stack is usable. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireDiskSpace } from '../kernel/disk-space.ts';
import { SagaproofError } from '../kernel/errors.ts';
import { readJournal } from '../kernel/journal.ts';
import { START_FLAGS } from '../kernel/node-flags.ts';
import { packageProgram } from '../kernel/package-assets.ts';
import { deadline, orAborted } from '../kernel/poll.ts';
import {
  createRunFolder,
  markLatest,
  newRunId,
  pruneRuns,
  type RunPaths,
  removeData,
  runsFolder,
} from '../kernel/run-folder.ts';
import { workspaceFolder } from '../kernel/workspace.ts';
import type { StackControl } from './control-client.ts';
import { isSupervised } from './orphans.ts';
import type { ProgressEvent } from './progress.ts';
import { readLogTail } from './providers/native/child.ts';
import type { StackSpec } from './spec.ts';

/** Loading its modules on a busy machine. */
const LISTENING_TIMEOUT_MS = 60_000;

class BootError extends SagaproofError {
  override readonly name = 'BootError';

  constructor(message: string, details: { file?: string; fix?: string; cause?: unknown } = {}) {
    super('boot-failed', message, details);
  }
}

/**
 * The supervisor leads a session of its own, so that Ctrl-C in a terminal reaches the CLI only.
 * The IPC channel stays open as long as this process lives: that is how an owned stack learns that
 * its owner was killed.
 */
export async function launchSupervisor(
  order: Omit<StackSpec, 'runId' | 'createdAt'>,
): Promise<RunPaths> {
  pruneRuns(({ processes }) => isSupervised(readJournal(processes)));
  requireDiskSpace(runsFolder());
  const paths = createRunFolder(newRunId());
  try {
    await startSupervisor(paths, order);
    return paths;
  } catch (error) {
    removeData(paths);
    throw error;
  }
}

async function startSupervisor(
  paths: RunPaths,
  order: Parameters<typeof launchSupervisor>[0],
): Promise<void> {
  const spec: StackSpec = { ...order, runId: paths.runId, createdAt: new Date().toISOString() };
  writeFileSync(paths.spec, `${JSON.stringify(spec, null, 2)}\n`, { mode: 0o600 });
  // A kept stack is no run: what the latest verification found stays at hand.
  if (order.owned) markLatest(paths.folder);
  const logFile = join(paths.logs, 'supervisor.log');
  const log = openSync(logFile, 'a');
  const child = spawn(
    process.execPath,
    [...START_FLAGS, packageProgram('harness/testbed/supervisor'), paths.folder],
    {
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      cwd: workspaceFolder(),
      env: {
        ...process.env,
        TZ: 'UTC',
        NODE_COMPILE_CACHE: join(order.installation.cacheFolder, 'compile'),
      },
    },
  );
  closeSync(log);
  using limit = deadline('starting the supervisor', LISTENING_TIMEOUT_MS);
  const listening = new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const how = signal ?? `code ${code}`;
      reject(new BootError(`the supervisor ended (${how}) at once:\n${readLogTail(logFile)}`));
    });
  });
  try {
    await orAborted(listening, limit.signal);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  // Neither the process nor the channel keeps this process alive; its end closes the channel.
  child.unref();
  child.channel?.unref();
  if (!spec.owned) child.disconnect();
}

/** Follows the progress to `ready`; throws a `BootError` with what failed and its log tail. */
export async function waitUntilReady(
  control: StackControl,
  paths: RunPaths,
  options: {
    readonly onProgress?: (event: ProgressEvent) => void;
    readonly signal?: AbortSignal;
  },
): Promise<void> {
  try {
    await followUntilReady(control, options);
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason;
    throw new BootError(`${whyNot(paths, error)}\nlogs: ${paths.logs}`, { cause: error });
  }
}

/** @throws ControlError when the supervisor is gone; the reason is then in its folder */
async function followUntilReady(
  control: StackControl,
  options: Parameters<typeof waitUntilReady>[2],
): Promise<void> {
  const done = new AbortController();
  const signal = options.signal ? AbortSignal.any([done.signal, options.signal]) : done.signal;
  try {
    for await (const event of control.events(signal)) {
      options.onProgress?.(event);
      if (event.resource !== 'stack') continue;
      if (event.phase === 'ready') return;
      throw new BootError(event.detail ?? 'it was stopped');
    }
  } finally {
    done.abort();
  }
  throw new BootError('its supervisor ended');
}

function whyNot(paths: RunPaths, error: unknown): string {
  if (existsSync(paths.failure)) {
    return `the stack did not come up: ${readFileSync(paths.failure, 'utf8')}`;
  }
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof BootError) return `the stack did not come up: ${reason}`;
  return `the stack did not come up: ${reason}\n${readLogTail(join(paths.logs, 'supervisor.log'))}`;
}
