/** One child process of a stack: its log, its identity in the journal, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { killedWithParent } from '../../../kernel/child-command.ts';
import type { ProcessJournal } from '../../../kernel/journal.ts';
import { orAborted } from '../../../kernel/poll.ts';
import type { ProcessEvent, ProcessIdentity } from '../../../kernel/process-event.ts';
import { identify } from '../../../kernel/process-identity.ts';
import { describeExit, type Exit } from '../provider.ts';

/** What a failure shows of a log. */
const LOG_TAIL_BYTES = 8_192;
const LOG_TAIL_LINES = 25;

export interface ChildSpec {
  readonly id: string;
  readonly kind: ProcessEvent['kind'];
  readonly service?: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly logFile: string;
  /** Put before the command; the process that comes out must keep its pid (it may only `exec`). */
  readonly prefix?: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
  /** How long SIGTERM gets before SIGKILL follows. */
  readonly graceMs: number;
  readonly stopSignal?: NodeJS.Signals;
}

export interface Child {
  readonly spec: ChildSpec;
  readonly identity: ProcessIdentity;
  readonly exited: Promise<Exit>;
  readonly exit: Exit | undefined;
  /** Sends it to the whole group that the child leads. */
  signal(signal: NodeJS.Signals): void;
  /** Asks it to end, then ends it; resolves with how it ended. */
  stop(first?: NodeJS.Signals): Promise<Exit>;
  /** Rejects when the child ends before `work` is done. */
  whileAlive<T>(work: Promise<T>): Promise<T>;
}

/**
 * Spawns a child in a process group of its own and records its identity before returning.
 *
 * @throws when the command cannot be started at all, with the command named
 */
export async function startChild(spec: ChildSpec, journal: ProcessJournal): Promise<Child> {
  const [command, ...args] = [...(spec.prefix ?? []), ...(await killedWithParent(spec.command))];
  if (!command) throw new Error(`${spec.id} has no command`);
  const log = openSync(spec.logFile, 'a');
  let child: ChildProcess;
  try {
    child = spawn(command, args, {
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
      env: { ...spec.env },
      stdio: ['ignore', log, log],
      detached: true,
    });
  } finally {
    closeSync(log);
  }
  const { pid } = child;
  const identity = pid === undefined ? undefined : identify(pid);
  if (!identity) throw await spawnError(child, spec);
  try {
    journal.append({ event: 'started', ...naming(spec), identity });
  } catch (error) {
    // A process that is not in the journal could not be found and ended later.
    process.kill(-identity.pid, 'SIGKILL');
    throw error;
  }
  return trackChild(child, identity, spec, journal);
}

const naming = (spec: ChildSpec): Pick<ProcessEvent, 'id' | 'kind' | 'service'> => ({
  id: spec.id,
  kind: spec.kind,
  ...(spec.service === undefined ? {} : { service: spec.service }),
});

function spawnError(child: ChildProcess, spec: ChildSpec): Promise<Error> {
  return new Promise((resolve) => {
    child.once('error', (cause) => {
      const where = spec.cwd === undefined ? '' : ` in ${spec.cwd}`;
      resolve(new Error(`cannot start \`${spec.command.join(' ')}\`${where}`, { cause }));
    });
  });
}

function trackChild(
  child: ChildProcess,
  identity: ProcessIdentity,
  spec: ChildSpec,
  journal: ProcessJournal,
): Child {
  let exit: Exit | undefined;
  let expected = false;
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      try {
        journal.append({ event: 'exited', ...naming(spec), identity, code, signal, expected });
      } catch (error) {
        // Nothing depends on it: a process is asked whether it runs before it is ended again.
        console.error(error);
      }
      resolve(exit);
    });
  });
  const signal = (name: NodeJS.Signals): void => {
    if (exit) return;
    try {
      process.kill(-identity.pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  return {
    spec,
    identity,
    exited,
    get exit() {
      return exit;
    },
    signal(name) {
      if (exit) throw new Error(`${spec.id} is not running: it ${describeExit(exit)}`);
      expected = true;
      const event = name === 'SIGSTOP' ? 'paused' : name === 'SIGCONT' ? 'resumed' : 'signalled';
      journal.append({ event, ...naming(spec), identity, signal: name });
      signal(name);
    },
    async stop(first = spec.stopSignal ?? 'SIGTERM') {
      if (exit) return exit;
      expected = true;
      signal(first);
      // A paused process takes no SIGTERM before it goes on.
      signal('SIGCONT');
      const timer = setTimeout(() => signal('SIGKILL'), spec.graceMs);
      try {
        return await exited;
      } finally {
        clearTimeout(timer);
      }
    },
    whileAlive: (work) => whileAlive(spec, exited, work),
  };
}

async function whileAlive<T>(spec: ChildSpec, exited: Promise<Exit>, work: Promise<T>): Promise<T> {
  const gone = new AbortController();
  let watching = true;
  void exited.then((how) => {
    if (watching) gone.abort(new Error(`${spec.id} ${describeExit(how)} before it was ready`));
  });
  try {
    return await orAborted(work, gone.signal);
  } finally {
    watching = false;
    // The loser of the race must not become an unhandled rejection.
    void work.catch(() => undefined);
  }
}

/** The last lines of a log, for a failure message. */
export function readLogTail(file: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(descriptor);
    const length = Math.min(size, LOG_TAIL_BYTES);
    const bytes = Buffer.alloc(length);
    readSync(descriptor, bytes, 0, length, size - length);
    const lines = bytes.toString('utf8').trimEnd().split('\n');
    return lines.slice(-LOG_TAIL_LINES).join('\n');
  } finally {
    closeSync(descriptor);
  }
}
