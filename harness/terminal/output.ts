/** Results go to standard output, everything else to standard error. */
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

/** Ignores EPIPE when stdout is closed early (`| head`). */
export function ignoreEpipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** Resolves once stdout and stderr are flushed or closed. */
export async function flushOutput(): Promise<void> {
  const flushed = [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  );
  await Promise.all(flushed);
}

export const resultJson = (value: unknown): void => result(JSON.stringify(value));

export function tellError(error: unknown, json: boolean): void {
  const message = error instanceof Error ? error.message : String(error);
  if (json) resultJson({ error: message });
  note(`${notePaints.red('error:')} ${message}`);
  if (process.env[DEBUG_VARIABLE] && error instanceof Error) note(error.stack ?? '');
}

/** Hides the password in a database URL. */
export const withoutPassword = (url: string): string => url.replace(/:[^:@/]+@/, ':…@');
