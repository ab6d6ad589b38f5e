import { appendFile } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { execa } from 'execa';
import which from 'which';
import { CHILD_LOCALE } from './child-locale.ts';

export interface RunOptions {
  readonly log: string;
  readonly signal: AbortSignal;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Includes downloads over a slow connection. */
const RUN_TIMEOUT_MS = 15 * 60_000;
/** Lines of a failed tool's output that the error has. */
const TAIL_LINES = 12;
const OUTPUT_CHARS_MAX = 4_000_000;

/** Runs a tool to its end; its output goes to the log and, on failure, into the error. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  const [file, ...rest] = await killedWithParent([command, ...args]);
  const result = await execa(file, rest, {
    all: true,
    reject: false,
    stdin: 'ignore',
    cancelSignal: options.signal,
    timeout: options.timeoutMs ?? RUN_TIMEOUT_MS,
    maxBuffer: OUTPUT_CHARS_MAX,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...CHILD_LOCALE, ...options.env },
  });
  const output = withoutCredentials(result.all ?? '');
  const line = [command, ...args].join(' ');
  await appendFile(options.log, `$ ${withoutCredentials(line)}\n${output}\n`);
  options.signal.throwIfAborted();
  if (!result.failed) return result.stdout;
  const tail = output.split('\n').slice(-TAIL_LINES).join('\n');
  const how = result.timedOut ? 'took too long' : `ended with ${result.exitCode ?? result.code}`;
  throw new Error(`${command} ${how} (whole output: ${options.log})\n${tail}`);
}

/** Tools print addresses with the user's name and password if they were given such addresses. */
function withoutCredentials(text: string): string {
  return text.replaceAll(/:\/\/[^/\s@]+@/g, '://…@');
}

/** The command line with which Linux kills the process when its parent ends, even by SIGKILL. */
export async function killedWithParent<C extends readonly string[]>(
  command: C,
): Promise<C | readonly [string, ...string[]]> {
  const setpriv = process.platform === 'linux' ? await findOnPath('setpriv') : undefined;
  return setpriv === undefined ? command : [setpriv, '--pdeathsig', 'KILL', '--', ...command];
}

/** The absolute path of a program, or undefined. */
export async function findOnPath(
  command: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  // An empty PATH would make `which` look in the current folder.
  if (folders.length === 0) return undefined;
  const path = folders.join(delimiter);
  return (await which(command, { path, nothrow: true })) ?? undefined;
}
