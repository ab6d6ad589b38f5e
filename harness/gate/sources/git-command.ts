import { existsSync } from 'node:fs';
import { ExecaError, execa } from 'execa';
import { GateError } from '../error.ts';

const GIT_TIMEOUT_MS = 20_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** Runs git. Throws a {@link GateError} when it fails. */
export async function mustGit(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input = '',
) {
  const done = await git(cwd, args, env, input);
  if (!done.failed) return done;
  throw new GateError(`git ${args[0]} failed in ${cwd}: ${done.stderr.trim() || 'no message'}`, {
    code: 'gate-source-unavailable',
  });
}

/** Runs git; a failure is part of the result. */
export async function git(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input = '',
) {
  try {
    const done = await execa('git', args, {
      cwd,
      env,
      input,
      reject: false,
      timeout: GIT_TIMEOUT_MS,
      maxBuffer: OUTPUT_BYTES_MAX,
      stripFinalNewline: false,
    });
    if (done.code === 'ENOENT') {
      throw new GateError(
        existsSync(cwd) ? 'git is not installed, or not on PATH' : `there is no folder ${cwd}`,
        existsSync(cwd) ? { code: 'tool-missing' } : { code: 'file-unreadable', file: cwd },
      );
    }
    return { stdout: done.stdout, stderr: done.stderr, failed: done.failed };
  } catch (error) {
    if (error instanceof ExecaError) throw new GateError(`git ${args[0]}: ${error.shortMessage}`);
    throw error;
  }
}
