import type { Comparison } from './comparison.ts';
import { GateError } from './error.ts';
import type { Finding, Format } from './finding.ts';
import type { Tree } from './sources/tree.ts';

/** What one part of a check reads. */
interface Part {
  readonly format: Format;
  readonly file: string;
}

/**
 * Runs one part of a check. What cannot be read or does not end in time is *unknown*, and does not
 * keep the other parts from being compared.
 */
export async function readable(
  { head }: Comparison,
  { format, file }: Part,
  check: () => Finding[] | Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await check();
  } catch (error) {
    // A schema that is nested too deeply ends the stack; both are not the fault of the gate.
    if (error instanceof RangeError) return [unreadable(head, format, file, error.message)];
    // A source that does not answer is not the fault of the change.
    if (!(error instanceof GateError) || error.code !== 'gate-input-invalid') throw error;
    return [unreadable(head, format, file, error.message, error)];
  }
}

const unreadable = (
  head: Tree,
  format: Format,
  file: string,
  what: string,
  place: { readonly file?: string | undefined; readonly fix?: string | undefined } = {},
): Finding => ({
  format,
  subject: file,
  rule: `${format}/unreadable`,
  file: place.file?.replace(/:\d+$/, '') ?? file,
  line: Number(/:(\d+)$/.exec(place.file ?? '')?.[1] ?? 1),
  causes: [],
  breaks: [`users of ${file}`],
  fails: `may not understand ${head.label}`,
  what,
  fix: place.fix ?? 'correct the file, and run the gate again',
  certainty: 'unknown',
});
