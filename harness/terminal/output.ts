/** Results go to standard output, everything else to standard error. */
import { describeError, SagaproofError } from '../kernel/errors.ts';
import { paintsFor } from './paints.ts';

/** `no`: the check failed. `unable`: the command could not be carried out. */
export const EXIT = { ok: 0, no: 1, unable: 2 } as const;

/** Prints stack traces of errors, for reports of bugs in Sagaproof. */
const DEBUG_VARIABLE = 'SAGAPROOF_DEBUG';

/** Colours for results on stdout. */
export const paints = paintsFor(process.stdout);
/** Colours for notes on stderr. */
export const notePaints = paintsFor(process.stderr);

export const note = (text: string): void => void process.stderr.write(`${text}\n`);
export const result = (text: string): void => void process.stdout.write(`${text}\n`);

/**
 * Ignores EPIPE when stdout is closed early (`| head`). A full disk or another failure of stdout
 * ends the process with exit code 2 and a sentence, as what the command prints is its result.
 */
export function handleOutputErrors(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    printError(
      new SagaproofError('output-failed', `standard output cannot be written: ${error.message}`, {
        fix: 'free disk space, or redirect the output to another file',
        cause: error,
      }),
      false,
    );
    process.exit(EXIT.unable);
  });
}

/** Resolves once stdout and stderr are flushed or closed. */
export async function flushOutput(): Promise<void> {
  const flushed = [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  );
  await Promise.all(flushed);
}

export const resultJson = (value: unknown): void => result(JSON.stringify(value));

/** Prints what failed and its fix; with `--json` one object for every command. */
export function printError(error: unknown, json: boolean): void {
  const described = describeError(error);
  if (json) resultJson({ error: described });
  note(`${notePaints.red('error:')} ${described.message}`);
  if (described.fix !== undefined) note(`  fix: ${described.fix}`);
  if (process.env[DEBUG_VARIABLE] && error instanceof Error) note(error.stack ?? '');
}

/** Hides the password in a database URL. */
export const withoutPassword = (url: string): string => url.replace(/:[^:@/]+@/, ':…@');
