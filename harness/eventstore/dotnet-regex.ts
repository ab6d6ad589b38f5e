/**
 * Regular expressions of clients are written for the real server, which is a .NET program.
 * JavaScript reads most of that syntax the same way; this rewrites what differs and is in use.
 */

/** `(?i)`, `(?im-s)`: options from here to the end of the enclosing group. */
const OPTIONS = /^\(\?([a-z]*)(?:-([a-z]+))?\)/;
/** The options that JavaScript has as well; `n` changes captures only, and nothing is captured. */
const SHARED_OPTIONS = 'ims';
const IGNORED_OPTIONS = 'n';
/** Anchors of the whole text, which JavaScript lacks. */
const ANCHORS: Readonly<Record<string, string>> = {
  '\\A': '(?<![^])',
  '\\z': '(?![^])',
  '\\Z': '(?=\\n?(?![^]))',
};

/** The same expression for `RegExp`; throws a SyntaxError for options that it cannot express. */
export function toJavaScriptRegex(source: string): string {
  return new Rewriter(source).rewrite();
}

class Rewriter {
  readonly #source: string;
  #at = 0;
  #result = '';
  /** Per open group, innermost last: the options that were opened in it, outermost first. */
  readonly #open: string[][] = [[]];

  constructor(source: string) {
    this.#source = source;
  }

  rewrite(): string {
    while (this.#at < this.#source.length) this.#step();
    this.#closeOptions();
    return this.#result;
  }

  #step(): void {
    const rest = this.#source.slice(this.#at, this.#at + 2);
    if (rest[0] === '\\') this.#take(ANCHORS[rest] ?? rest, rest.length);
    else if (rest[0] === '[') this.#takeClass();
    else if (rest[0] === '(') this.#takeGroup();
    else if (rest[0] === ')') this.#endGroup();
    else if (rest[0] === '|') this.#alternate();
    else this.#take(rest[0] ?? '', 1);
  }

  #take(text: string, length: number): void {
    this.#result += text;
    this.#at += length;
  }

  /** A character class, in which brackets and bars mean themselves. */
  #takeClass(): void {
    const start = this.#at;
    let end = start + 1;
    if (this.#source[end] === '^') end += 1;
    if (this.#source[end] === ']') end += 1;
    while (end < this.#source.length && this.#source[end] !== ']') {
      end += this.#source[end] === '\\' ? 2 : 1;
    }
    this.#take(this.#source.slice(start, end + 1), end + 1 - start);
  }

  #takeGroup(): void {
    const options = OPTIONS.exec(this.#source.slice(this.#at));
    if (options === null) {
      this.#open.push([]);
      this.#take('(', 1);
      return;
    }
    const [text, on = '', off = ''] = options;
    this.#at += text.length;
    const group = `(?${known(on)}${off === '' ? '' : `-${known(off)}`}:`;
    if (group === '(?:' || group === '(?-:') return;
    this.#open.at(-1)?.push(group);
    this.#result += group;
  }

  #endGroup(): void {
    this.#closeOptions();
    if (this.#open.length > 1) this.#open.pop();
    this.#take(')', 1);
  }

  /** Options reach over a bar, and the groups that stand for them must not. */
  #alternate(): void {
    this.#closeOptions();
    this.#take('|', 1);
    this.#result += this.#open.at(-1)?.join('') ?? '';
  }

  #closeOptions(): void {
    this.#result += ')'.repeat(this.#open.at(-1)?.length ?? 0);
  }
}

function known(options: string): string {
  const letters = [...options].filter((letter) => !IGNORED_OPTIONS.includes(letter));
  const unknown = letters.find((letter) => !SHARED_OPTIONS.includes(letter));
  if (unknown !== undefined) throw new SyntaxError(`The option '${unknown}' is not supported.`);
  return letters.join('');
}
