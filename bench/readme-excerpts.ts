/** Console excerpts in the READMEs: fenced blocks after `<!-- run: <name> -->`. */

export const README_FILES = ['README.md', 'README.ja.md'] as const;

/** Facts of the runs that the excerpts and pictures come from. */
export const RUNS_FILE = 'docs/images/runs.json';

/** Replaces the block after the marker of a run. */
export function insertExcerpt(page: string, name: string, excerpt: string): string {
  const start = `<!-- run: ${name} -->\n\`\`\`text\n`;
  const at = page.indexOf(start);
  const end = page.indexOf('\n```\n', at + start.length - 1);
  if (at === -1 || end === -1) throw new Error(`the page has no block for run ${name}`);
  return `${page.slice(0, at + start.length)}${excerpt}${page.slice(end)}`;
}

/** The excerpt of a run, without its fence. */
export function excerptOf(page: string, name: string): string {
  const found = new RegExp(`<!-- run: ${name} -->\\n\`\`\`text\\n([\\s\\S]*?)\\n\`\`\`\\n`).exec(
    page,
  );
  if (found?.[1] === undefined) throw new Error(`the page has no block for run ${name}`);
  return found[1];
}

/** Invariants that are shown in full, and services whose exposure is. */
const SHOWN_MAX = 2;

/** The output in brief: the first violations and the first services, the rest as `…`. */
export function inBrief(output: string): string {
  const lines = output.split('\n').filter((line) => line !== '');
  const verdict = lines.findIndex((line) => /^(VALID|INVALID|UNKNOWN): run /.test(line));
  const end = verdict < 0 ? lines.length : verdict;
  const faults = lines.findIndex((line) => /^(Faults at work:|No fault hit a service)/.test(line));
  const exposure = faults < 0 ? end : faults;
  const violated = lines.flatMap((line, at) =>
    at < exposure && line.startsWith('✗ ') ? [at] : [],
  );
  // The scenario that failed comes first, and is no invariant.
  const firstLeftOut = violated.filter((at) => !/^✗ scenario /.test(lines[at] ?? ''))[SHOWN_MAX];
  return [
    ...lines.slice(0, firstLeftOut ?? exposure),
    ...(firstLeftOut === undefined ? [] : ['…']),
    ...shortened(lines.slice(exposure, end), firstLeftOut === undefined ? 1 + SHOWN_MAX : 0),
    ...lines.slice(end),
  ].join('\n');
}

const shortened = (lines: readonly string[], shown: number): string[] =>
  lines.length <= shown + 1 || shown === 0
    ? [...lines.slice(0, shown)]
    : [...lines.slice(0, shown), '…'];
