/** Parses Markdown for tests of snippets, links and commands. */

/** A fenced block that is an excerpt of a file. */
export interface Snippet {
  /** Path relative to the repository. */
  readonly from: string;
  readonly text: string;
  /** First line of the block, from 1. */
  readonly line: number;
}

const MARK = /^<!-- from: (\S+) -->$/;
const FENCE = /^(`{3,})/;

/** Blocks after a line `<!-- from: path -->`. */
export function snippetsOf(page: string): Snippet[] {
  const lines = page.split('\n');
  return lines.flatMap((line, index) => {
    const from = MARK.exec(line.trim())?.[1];
    if (from === undefined) return [];
    const fence = FENCE.exec(lines[index + 1] ?? '')?.[1];
    const end = fence === undefined ? -1 : lines.indexOf(fence, index + 2);
    if (end === -1) return [{ from, text: '', line: index + 1 }];
    return [{ from, text: lines.slice(index + 2, end).join('\n'), line: index + 1 }];
  });
}

/** Marks omitted lines: `…` alone or in a comment. */
const LEFT_OUT = /^\s*(?:\/\/|#)?\s*…\s*$/;

/** True when the file contains the snippet's lines in order, except for marked omissions. */
export function isPartOf(snippet: string, file: string): boolean {
  const parts: string[][] = [[]];
  for (const line of snippet.split('\n')) {
    if (LEFT_OUT.test(line)) parts.push([]);
    else parts.at(-1)?.push(line);
  }
  const texts = parts.map((part) => part.join('\n')).filter((text) => text.trim() !== '');
  const whole = `\n${file}\n`;
  let at = 0;
  for (const text of texts) {
    const found = whole.indexOf(`\n${text}\n`, at);
    if (found === -1) return false;
    // Adjacent parts share a newline.
    at = found + text.length + 1;
  }
  return texts.length > 0;
}

const LINK = /\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g;

/** Targets of relative links and pictures without anchors; code is ignored. */
export function relativeLinks(page: string): string[] {
  const prose = page.replace(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(LINK)]
    .map((match) => match[1] ?? match[2] ?? '')
    .filter((target) => !/^([a-z]+:|#)/.test(target))
    .map((target) => target.replace(/#.*$/, ''));
}

const COMMAND = /pnpm(?:@12)? sagaproof ([^\n`#|]*)/g;

/** Arguments of every `pnpm sagaproof …` in a page, in fenced blocks and inline code. */
export function commandLines(page: string): string[][] {
  return [...page.matchAll(COMMAND)].map((match) =>
    (match[1] ?? '').trim().split(/\s+/).filter(Boolean),
  );
}
