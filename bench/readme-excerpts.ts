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
