import { newTable } from '../../terminal/table.ts';
import type { Answer } from './answer.ts';

const WIDTH_MIN = 120;
const WIDTH_MAX = 160;

/** The sentence, then one table: what breaks, by which rule and where, and the fix. */
export function renderTable(answer: Answer, columns: number | undefined): string {
  const { findings, notes } = answer;
  const sentence = [answer.sentence, ...notes.map((note) => `note: ${note}`)].join('\n');
  if (findings.length === 0) return sentence;
  const width = Math.min(Math.max(columns ?? WIDTH_MAX, WIDTH_MIN), WIDTH_MAX);
  const shares = [0.34, 0.3, 0.36].map((share) => Math.floor((width - 4) * share));
  const table = newTable(['what breaks', 'rule and location', 'fix'], {
    colWidths: shares,
    wordWrap: true,
  });
  for (const { breaks, fails, what, rule, subject, file, line, fix, certainty } of findings) {
    const doubt = certainty === 'unknown' ? 'unknown: ' : '';
    table.push([
      `${doubt}${breaks.join(', ')} ${fails}: ${what}`,
      `${rule}\n${subject}\n${file}:${line}`,
      fix,
    ]);
  }
  return `${sentence}\n\n${table.toString()}`;
}
