/** For tests that end the CLI or its supervisor at some moment, and look at what is left. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { orAborted, until } from '../kernel/poll.ts';
import { isRunning } from '../kernel/process-identity.ts';
import { listRuns, runsFolder } from '../kernel/run-folder.ts';
import { startedBy } from '../testbed/stack.testkit.ts';

/** `SAGAPROOF_TEST_SEED=<text>` repeats the moments of a run that failed. */
export const SEED = process.env['SAGAPROOF_TEST_SEED'] ?? randomBytes(4).toString('hex');

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Whoever is told to end gets this long on a machine that is busy. */
const ENDED_TIMEOUT_MS = 30_000;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Run {
  readonly stderr: () => string;
  /** To everything that a terminal's Ctrl-C reaches: the CLI, and what it started in its group. */
  interrupt(signal: NodeJS.Signals): void;
  /** The CLI alone, without a chance to tidy up. */
  kill(): void;
  readonly ended: Promise<Ended>;
}

/** Starts the CLI as a shell does: it leads a group of its own. */
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

/** The supervisor of the newest run, when it is there and has not ended. */
function killSupervisor(): void {
  const [newest] = listRuns();
  const supervisor = newest && startedBy(newest).find(({ kind }) => kind === 'supervisor');
  if (supervisor && isRunning(supervisor.identity)) {
    process.kill(supervisor.identity.pid, 'SIGKILL');
  }
}

/** Each of them may come when what it ends has ended by itself. */
export const ENDINGS = {
  'Ctrl-C': (run: Run) => run.interrupt('SIGINT'),
  SIGTERM: (run: Run) => run.interrupt('SIGTERM'),
  'kill -9 of the CLI': (run: Run) => run.kill(),
  'kill -9 of the supervisor': killSupervisor,
} as const;
export type Ending = keyof typeof ENDINGS;

/**
 * The command lines of every process of this machine that runs of this folder have started, and
 * of whatever those started: all of them have the folder or the run's id in their environment, or
 * write their log there (Valkey writes its title over its environment).
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
        // A zombie has no command line: it has ended, and waits to be looked at.
        return command === '' ? [] : [command];
      } catch {
        return [];
      }
    });
}

/** Resolves when the command has said it among its notes; else tells what it said. */
export const untilSaid = (run: Run, said: RegExp, timeoutMs: number): Promise<void> =>
  until(
    `it says ${said}`,
    () => {
      if (!said.test(run.stderr())) throw new Error(run.stderr());
    },
    { signal: AbortSignal.timeout(timeoutMs) },
  );

/** What has to be over soon after the command was told to end, or lost its system. */
export const inTime = <T>(promise: Promise<T>): Promise<T> =>
  orAborted(promise, AbortSignal.timeout(ENDED_TIMEOUT_MS));

/** Resolves when nothing of any run is left; else tells what is. */
export async function untilNothingIsLeft(): Promise<void> {
  await until(
    'nothing of any run is left',
    () => {
      const left = processesOfRuns();
      if (left.length > 0) throw new Error(left.join('\n'));
    },
    { signal: AbortSignal.timeout(ENDED_TIMEOUT_MS) },
  );
}
