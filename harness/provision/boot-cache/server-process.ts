import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { execa } from 'execa';
import { killedWithParent } from '../../kernel/child-command.ts';
import { CHILD_LOCALE } from '../../kernel/child-locale.ts';

/** A server that runs during training; disposing of it ends it at once. */
export interface ServerProcess extends AsyncDisposable {
  readonly name: string;
  /** Asks it to stop and waits for the end of its process, which writes the cache. */
  stop(deadlineMs: number): Promise<void>;
  /** Throws when it has ended by itself. */
  throwIfEnded(): void;
}

export interface ServerOptions {
  readonly log: string;
  readonly signal: AbortSignal;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** Starts a server; it does not outlive this process. */
export async function startServer(
  name: string,
  command: readonly [string, ...string[]],
  options: ServerOptions,
): Promise<ServerProcess> {
  const [file, ...args] = await killedWithParent(command);
  const child = execa(file, args, {
    reject: false,
    stdin: 'ignore',
    all: true,
    buffer: false,
    // Writing a cache takes longer than execa waits by itself; `stop` has a deadline of its own.
    forceKillAfterDelay: false,
    env: CHILD_LOCALE,
    cancelSignal: options.signal,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  child.all.pipe(createWriteStream(options.log, { flags: 'a' }));
  let ended: string | undefined;
  const end = child.then((result) => {
    ended = `exit code ${result.exitCode ?? 'none'}, signal ${result.signal ?? 'none'}`;
  });
  return {
    name,
    throwIfEnded: () => {
      if (ended !== undefined) throw new Error(`${name} ended: ${ended} (log: ${options.log})`);
    },
    stop: async (deadlineMs) => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
      await end;
      clearTimeout(timer);
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await end;
    },
  };
}

/** A port of the loopback address that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

const POLL_MS = 100;

/** Retries `ask` until it succeeds; the last error is thrown at the deadline. */
export async function until<T>(
  label: string,
  options: {
    readonly deadlineMs: number;
    readonly signal: AbortSignal;
    readonly server?: ServerProcess;
  },
  ask: () => Promise<T>,
): Promise<T> {
  const end = performance.now() + options.deadlineMs;
  for (;;) {
    options.signal.throwIfAborted();
    options.server?.throwIfEnded();
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > end) {
        throw new Error(`${label} took more than ${options.deadlineMs / 1000} s`, { cause: error });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
