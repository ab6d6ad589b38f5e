import { access, appendFile, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';

export interface RunOptions {
  readonly log: string;
  readonly signal: AbortSignal;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Downloads on a slow line included; nothing that is installed here takes longer. */
const RUN_TIMEOUT_MS = 15 * 60_000;
/** Lines of a failed tool's output that the error repeats. */
const TOLD_LINES = 12;
const OUTPUT_CHARS_MAX = 4_000_000;

/** Runs a tool to its end; its output goes to the piece's log and, on failure, into the error. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  const [file, ...rest] = await endsWithUs([command, ...args]);
  const result = await execa(file, rest, {
    all: true,
    reject: false,
    stdin: 'ignore',
    cancelSignal: options.signal,
    timeout: options.timeoutMs ?? RUN_TIMEOUT_MS,
    maxBuffer: OUTPUT_CHARS_MAX,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  const output = withoutCredentials(result.all ?? '');
  const line = [command, ...args].join(' ');
  await appendFile(options.log, `$ ${withoutCredentials(line)}\n${output}\n`);
  options.signal.throwIfAborted();
  if (!result.failed) return result.stdout;
  const tail = output.split('\n').slice(-TOLD_LINES).join('\n');
  const how = result.timedOut ? 'took too long' : `ended with ${result.exitCode ?? result.code}`;
  throw new Error(`${command} ${how} (whole output: ${options.log})\n${tail}`);
}

/** Tools print addresses with the user's name and password in them when they were given so. */
function withoutCredentials(text: string): string {
  return text.replaceAll(/:\/\/[^/\s@]+@/g, '://…@');
}

/** The command line such that the kernel ends the process when we die, by kill -9 even. */
export async function endsWithUs(
  command: readonly [string, ...string[]],
): Promise<readonly [string, ...string[]]> {
  const setpriv = process.platform === 'linux' ? await findOnPath('setpriv') : undefined;
  return setpriv === undefined ? command : [setpriv, '--pdeathsig', 'KILL', '--', ...command];
}

/** The absolute path of a program, or undefined. */
export async function findOnPath(
  command: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const file = join(folder, command);
    const isProgram = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isProgram) return file;
  }
  return undefined;
}
