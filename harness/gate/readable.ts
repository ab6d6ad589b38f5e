import type { Comparison } from './comparison.ts';
import { GateError } from './error.ts';
import type { Finding, Format } from './finding.ts';

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
    // A source that does not answer is not the change's fault.
    if (!(error instanceof GateError) || error.code !== 'gate-input-invalid') throw error;
    return [
      {
        format,
        subject: file,
        rule: `${format}/unreadable`,
        file: error.file?.replace(/:\d+$/, '') ?? file,
        line: Number(/:(\d+)$/.exec(error.file ?? '')?.[1] ?? 1),
        causes: [],
        breaks: [`users of ${file}`],
        fails: `may not understand ${head.label}`,
        what: error.message,
        fix: error.fix ?? 'correct the file, and run the gate again',
        certainty: 'unknown',
      },
    ];
  }
}
