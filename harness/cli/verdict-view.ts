import { relative } from 'node:path';
import type { RunVerdict } from '../invariants/check.ts';
import { renderText } from '../report/render-text.ts';
import type { RecordedRun } from '../runner/verification.ts';
import { paints } from '../terminal/output.ts';

/** What was asked for, to say how to repeat it. */
interface Asked {
  readonly patterns: readonly string[];
  readonly subjects: readonly string[];
}

/** What a person is told at the end of a run: the verdict, where the rest is, how to repeat it. */
export function renderVerdict(verdict: RunVerdict, recorded: RecordedRun, again: string): string {
  const folder = relative(process.cwd(), recorded.runFolder);
  const seconds = (recorded.durationMs / 1_000).toFixed(1);
  const lines = [
    renderText(verdict, paints),
    `It took ${seconds} s. Report: ${folder}/report.html; history, logs and verdict.json beside it.`,
  ];
  if (verdict.verdict !== 'valid') lines.push(`Repeat it with: ${again}`);
  return lines.join('\n');
}

/** The command that chooses and does the same again. */
export function repeating(seed: string, { patterns, subjects }: Asked): string {
  const what = patterns.length === 0 ? 'verify' : `scenario ${patterns.map(quoted).join(' ')}`;
  const more = subjects.map((path) => ` --subject ${path}`).join('');
  return `pnpm sagaproof ${what} --seed ${seed}${more}`;
}

/** A glob is for Sagaproof, not for the shell. */
const quoted = (pattern: string): string => (/[*?]/.test(pattern) ? `'${pattern}'` : pattern);
