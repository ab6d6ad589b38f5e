/**
 * A `.proto` file without custom options, `(name)`, whose definitions are missing: they change
 * nothing about bytes and JSON. Lines stay where they are.
 */
export function withoutCustomOptions(text: string): string {
  let result = '';
  let at = 0;
  while (at < text.length) {
    const skipped = commentOrText(text, at);
    if (skipped > at) {
      result += text.slice(at, skipped);
      at = skipped;
    } else if (/^option\s*\(/.test(text.slice(at, at + 80)) && !/[\w.]/.test(text[at - 1] ?? ' ')) {
      const end = endOf(text, at, ';') + 1;
      result += linesOf(text.slice(at, end));
      at = end;
    } else if (text[at] === '[') {
      const end = endOf(text, at + 1, ']');
      const list = text.slice(at + 1, end);
      const kept = entriesOf(list).filter((entry) => !/^[^=]*\(/.test(entry));
      const own = kept.length === 0 ? '' : `[${kept.map((entry) => entry.trim()).join(', ')}]`;
      result += own + '\n'.repeat(Math.max(0, lineCount(list) - lineCount(own)));
      at = end + 1;
    } else {
      result += text[at];
      at += 1;
    }
  }
  return result;
}

const lineCount = (text: string): number => text.split('\n').length - 1;
const linesOf = (text: string): string => '\n'.repeat(lineCount(text));

/** Where a comment or a text that begins here ends; the place itself when none does. */
function commentOrText(text: string, at: number): number {
  const start = text.slice(at, at + 2);
  const endAfter = (mark: string): number => {
    const end = text.indexOf(mark, at + 2);
    return end < 0 ? text.length : end + mark.length;
  };
  if (start === '//') return endAfter('\n');
  if (start === '/*') return endAfter('*/');
  const quote = text[at];
  if (quote !== '"' && quote !== "'") return at;
  for (let end = at + 1; end < text.length; end += 1) {
    if (text[end] === '\\') end += 1;
    else if (text[end] === quote) return end + 1;
  }
  return text.length;
}

/** The next mark that is in no brackets, text or comment. */
function endOf(text: string, from: number, mark: string): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const skipped = commentOrText(text, at);
    if (skipped > at) {
      at = skipped - 1;
      continue;
    }
    const character = text[at] ?? '';
    if (depth === 0 && character === mark) return at;
    if ('([{<'.includes(character)) depth += 1;
    if (')]}>'.includes(character)) depth -= 1;
  }
  return text.length;
}

function entriesOf(list: string): string[] {
  const entries: string[] = [];
  let start = 0;
  while (start < list.length) {
    const end = endOf(list, start, ',');
    entries.push(list.slice(start, end));
    start = end + 1;
  }
  return entries.filter((entry) => entry.trim() !== '');
}
