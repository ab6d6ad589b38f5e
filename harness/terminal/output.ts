/** What goes where: results to standard output, everything else to standard error. */
import { paintsFor } from './paints.ts';

/** `no`: the answer to what was asked is no. `unable`: it could not be asked or done. */
export const EXIT = { ok: 0, no: 1, unable: 2 } as const;

/** For a problem of ours; a user's problem needs no stack. */
const DEBUG_VARIABLE = 'SAGAPROOF_DEBUG';

/** For results. */
export const paints = paintsFor(process.stdout);
/** For notes. */
export const notePaints = paintsFor(process.stderr);

export const note = (text: string): void => void process.stderr.write(`${text}\n`);
export const result = (text: string): void => void process.stdout.write(`${text}\n`);

/** Whoever stops listening (`| head`) has heard enough: what we do goes on, and is no failure. */
export function letListenersGo(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** Resolves when all that was said is out, or nobody listens any more: then the process may end. */
export async function written(): Promise<void> {
  const out = [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  );
  await Promise.all(out);
}

export const resultJson = (value: unknown): void => result(JSON.stringify(value));

export function tellError(error: unknown, json: boolean): void {
  const message = error instanceof Error ? error.message : String(error);
  if (json) resultJson({ error: message });
  note(`${notePaints.red('error:')} ${message}`);
  if (process.env[DEBUG_VARIABLE] && error instanceof Error) note(error.stack ?? '');
}

/** URLs of databases carry a password, which no screen and no log needs. */
export const withoutPassword = (url: string): string => url.replace(/:[^:@/]+@/, ':…@');
