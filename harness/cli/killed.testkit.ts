/** For tests that kill the CLI or its supervisor at a random moment and check what is left. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { orAborted, retry } from '../kernel/poll.ts';
import { isRunning } from '../kernel/process-identity.ts';
import { listRuns, runsFolder } from '../kernel/run-folder.ts';
import { startedBy } from '../testbed/stack.testkit.ts';

/** `SAGAPROOF_TEST_SEED=<text>` repeats the moments of a failed run. */
export const SEED = process.env['SAGAPROOF_TEST_SEED'] ?? randomBytes(4).toString('hex');

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Time to exit after a signal, on a busy machine. */
const ENDED_TIMEOUT_MS = 30_000;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Run {
  readonly stderr: () => string;
  /** Signals the CLI and its process group, as Ctrl-C in a terminal does. */
  interrupt(signal: NodeJS.Signals): void;
  /** Kills the CLI alone, without a chance to clean up. */
  kill(): void;
  readonly ended: Promise<Ended>;
}

/** Starts the CLI as a shell does, in its own process group. */
export function startCli(...args: readonly string[]): Run {
  const child = spawn(process.execPath, [MAIN, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CI: '1' },
  });
  const { pid = 0 } = child;
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...texts }));
  return {
    stderr: () => texts.stderr,
    interrupt: (signal) => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-pid, signal);
    },
    kill: () => {
      child.kill('SIGKILL');
    },
    ended,
  };
}

/** Kills the supervisor of the newest run, if it is running. */
function killSupervisor(): void {
  const [newest] = listRuns();
  const supervisor = newest && startedBy(newest).find(({ kind }) => kind === 'supervisor');
  if (supervisor && isRunning(supervisor.identity)) {
    process.kill(supervisor.identity.pid, 'SIGKILL');
  }
}

/** Ways to end a run; each has no effect if its target has already exited. */
export const ENDINGS = {
  'Ctrl-C': (run: Run) => run.interrupt('SIGINT'),
  SIGTERM: (run: Run) => run.interrupt('SIGTERM'),
  'kill -9 of the CLI': (run: Run) => run.kill(),
  'kill -9 of the supervisor': killSupervisor,
} as const;
export type Ending = keyof typeof ENDINGS;

/**
 * The command lines of all processes that the runs of this folder started, directly or not: each
 * has the folder or the run's id in its environment, or writes its log there (Valkey overwrites its
 * environment with its title).
 */
export function processesOfRuns(): string[] {
  const markers = [
    `SAGAPROOF_RUNS_DIR=${runsFolder()}`,
    ...listRuns().map(({ runId }) => `SAGAPROOF_RUN_ID=${runId}`),
  ];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
        const isMarked = markers.some((marker) => environment.includes(marker));
        if (!isMarked && !readlinkSync(`/proc/${name}/fd/1`).startsWith(runsFolder())) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        // A zombie has no command line: it has exited and was not reaped yet.
        return command === '' ? [] : [command];
      } catch {
        return [];
      }
    });
}

/** Resolves when the command has printed the pattern to stderr; else fails with its output. */
export const untilPrinted = (run: Run, pattern: RegExp, timeoutMs: number): Promise<void> =>
  retry(
    `the command prints ${pattern}`,
    () => {
      if (!pattern.test(run.stderr())) throw new Error(run.stderr());
    },
    { signal: AbortSignal.timeout(timeoutMs) },
  );

/** Bounds the time between the signal, or the loss of the stack, and the end of the command. */
export const inTime = <T>(promise: Promise<T>): Promise<T> =>
  orAborted(promise, AbortSignal.timeout(ENDED_TIMEOUT_MS));

/** Resolves when no process of any run is left; else fails with their command lines. */
export async function untilNoProcessIsLeft(): Promise<void> {
  await retry(
    'no process of any run is left',
    () => {
      const left = processesOfRuns();
      if (left.length > 0) throw new Error(left.join('\n'));
    },
    { signal: AbortSignal.timeout(ENDED_TIMEOUT_MS) },
  );
}
