/** Refuses words that make English hard to read; `docs/glossary.md` has those to use instead. */
import type { SourceFile } from './tidy.ts';

interface WordRule {
  readonly words: RegExp;
  readonly fix: string;
}

const ACTOR = 'name the actor';

/** Refused in every text of the repository: code, comments, titles, messages and docs. */
const EVERYWHERE: readonly WordRule[] = [
  { words: /\bwho(?:so)?ever\b/, fix: ACTOR },
  // `nobody` in quotes is the Unix user.
  { words: /\b(?!(?<=['`])nobody\\?['`])(?:no|some|every)body\b/, fix: ACTOR },
  { words: /\btold\b/, fix: 'report, print, pass, notify' },
  { words: /\bhear(?:s|d|ing)?\b/, fix: 'receive, read' },
  { words: /\bmend(?:s|ed|ing|able)?\b/, fix: 'fix, repair, restore' },
  { words: /\bstands\b(?! for)/, fix: 'is, runs, appears' },
  { words: /\bbeside\b/, fix: 'next to, with, compared with, in the same folder' },
  { words: /\banew\b/, fix: 'again, a new one' },
  { words: /\bodd\b(?! numbers?\b)/, fix: 'unusual, malformed, invalid' },
  { words: /\bbec[ao]mes? of\b/, fix: 'happens to' },
  { words: /\bwhat there is\b/, fix: 'name the thing' },
  { words: /\bowed\b/, fix: 'pending, due' },
  { words: /\bfront door\b/, fix: 'public API' },
  { words: /\blean(?:s|ing)? on\b/, fix: 'depends on' },
  { words: /\bon trial\b/, fix: 'under test' },
  { words: /\bpatiently\b/, fix: 'with retries' },
  { words: /\bsurroundings\b/, fix: 'context' },
  { words: /\bby itself of\b/, fix: 'say what happens' },
];

/** Also refused in docs and in what the command line prints. */
const FOR_READERS: readonly WordRule[] = [
  { words: /\btell(?:s|ing)?\b/, fix: 'show, print, report, list' },
  // `pieces/` is a folder of the cache.
  { words: /\bpieces?\b(?!\/)/, fix: 'component, package' },
  { words: /\bas it comes\b/, fix: 'with default settings' },
  { words: /\bfor ever\b/, fix: 'forever' },
];

const READERS =
  /^(?:[A-Z][A-Za-z_.]+\.md|docs\/(?!performance\.md)|\.github\/|harness\/(?:cli|terminal|report|dev)\/)/;

/** These hold the words as data. */
const ABOUT_WORDS = /^harness\/dev\/wording|^LICENSE$|^patches\//;

/** `leansOn` and `WHO_EVER` are read as the words that they are made of. */
const splitIdentifiers = (line: string): string =>
  line
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();

/** Every refused word of a file, with its line and what to write instead. */
export function wordingFaults({ path, text }: SourceFile): string[] {
  if (ABOUT_WORDS.test(path)) return [];
  const rules = READERS.test(path) ? [...EVERYWHERE, ...FOR_READERS] : EVERYWHERE;
  return text.split('\n').flatMap((line, index) => {
    const plain = splitIdentifiers(line);
    return rules.flatMap(({ words, fix }) => {
      const found = words.exec(plain)?.[0];
      return found === undefined ? [] : [`${path}:${index + 1}: "${found}" (fix: ${fix})`];
    });
  });
}

/** Files written before the rule, each with the number of refused words that it still has. */
export type Exceptions = Readonly<Record<string, number>>;

/**
 * Faults beyond the exceptions, and exceptions beyond the faults, so that the list only shrinks. A
 * file that has moved keeps its exception.
 */
export function newWordingFaults(files: readonly SourceFile[], exceptions: Exceptions): string[] {
  const present = new Set(files.map(({ path }) => path));
  const moved = new Map<string, number>();
  for (const [path, allowed] of Object.entries(exceptions)) {
    if (present.has(path)) continue;
    moved.set(baseOf(path), Math.max(allowed, moved.get(baseOf(path)) ?? 0));
  }
  const bases = new Set(files.map(({ path }) => baseOf(path)));
  const gone = Object.keys(exceptions).filter(
    (path) => !present.has(path) && !bases.has(baseOf(path)),
  );
  return [
    ...gone.map((path) => `${path}: does not exist (fix: remove it from the exceptions)`),
    ...files.flatMap((file) => {
      const faults = wordingFaults(file);
      const listed = exceptions[file.path];
      const allowed = listed ?? moved.get(baseOf(file.path)) ?? 0;
      if (faults.length > allowed) return faults;
      if (listed === undefined || faults.length === listed) return [];
      const fix = faults.length === 0 ? 'remove it' : `write ${faults.length}`;
      return [`${file.path}: the exception of ${listed} is too high (fix: ${fix})`];
    }),
  ];
}

/** The name of a file without its folder and its kind, which both may change. */
const baseOf = (path: string): string => path.replace(/^.*\//, '').replace(/\..*$/, '');
