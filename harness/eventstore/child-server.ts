/** The event store as a process of its own, for tests that end it and for benchmarks. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
/** A process that is asked to stop, or to start and fail, has this long. */
const EXIT_TIMEOUT_MS = 15_000;

export interface ChildServer extends AsyncDisposable {
  readonly connectionString: string;
  readonly port: number;
  /** Sends the signal and waits for the process to end; gives its exit code, if it has one. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/**
 * Starts the server on this folder and waits until it says that it listens.
 *
 * @param main the program, for a server that is not the one of this folder.
 */
export async function startChildServer(
  folder: string,
  args: readonly string[] = [],
  main: string = MAIN,
): Promise<ChildServer> {
  const child = spawnMain(['--data', folder, ...args], main);
  const lines = createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> });
  const exited = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null);
  const first = await Promise.race([once(lines, 'line'), exited]);
  if (!Array.isArray(first)) throw new Error(`The event store ended with ${first} at its start.`);
  const { listening: port } = JSON.parse(String(first[0])) as { listening: number };
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal);
    return exited;
  };
  return {
    connectionString: `esdb://127.0.0.1:${port}?tls=false`,
    port,
    end,
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  };
}

/** Runs a server that is to fail at its start; gives its exit code and what it said. */
export async function runToExit(
  args: readonly string[],
): Promise<{ code: number | null; stderr: string }> {
  const child = spawnMain(args);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  try {
    const signal = AbortSignal.timeout(EXIT_TIMEOUT_MS);
    const [code] = (await once(child, 'close', { signal })) as [number | null];
    return { code, stderr };
  } finally {
    child.kill('SIGKILL');
  }
}

function spawnMain(args: readonly string[], main: string = MAIN): ChildProcess {
  return spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}
