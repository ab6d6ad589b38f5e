import { readFileSync } from 'node:fs';
import { distance } from 'fastest-levenshtein';
import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

/** A YAML file as it was read. */
export interface FactSource {
  /** As messages name it. */
  readonly file: string;
  readonly text: string;
}

/** The content of a fact file is invalid: each line has the place, the problem and the fix. */
export class FactFileError extends Error {
  override readonly name = 'FactFileError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Throws when there are problems, all of them in one error. */
export function refuseProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw new FactFileError(problems);
}

/** Keys from the document's root. */
export type FactPath = readonly PropertyKey[];

/** The checked content of a file, which can still say where each part of it is. */
export interface FactFile<T> {
  readonly value: T;
  /** `file:line: path: message; fix: fix` */
  problem(path: FactPath, message: string, fix: string): string;
}

export const readFactSource = (path: string): FactSource => ({
  file: path,
  text: readFileSync(path, 'utf8'),
});

/** Parses a file and checks its shape. */
export function parseFacts<S extends z.ZodType>(
  { file, text }: FactSource,
  schema: S,
): FactFile<z.output<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  refuseProblems(
    document.errors.map(
      ({ pos, message }) =>
        `${file}:${lines.linePos(pos[0]).line}: ${message}; fix: correct the YAML`,
    ),
  );
  const problem = (path: FactPath, message: string, fix: string): string => {
    const line = lines.linePos(offsetOf(document, path)).line || 1;
    return `${file}:${line}: ${pathText(path)}${message}; fix: ${fix}`;
  };
  const parsed = schema.safeParse(document.toJS(), { reportInput: true });
  if (!parsed.success) {
    refuseProblems(
      parsed.error.issues.flatMap((issue) =>
        issuesOf(issue).map(({ path, message, fix }) => problem(path, message, fix)),
      ),
    );
  }
  return { value: parsed.data as z.output<S>, problem };
}

/** What to write instead of a name that is not among the known ones. */
export function fixForName(written: string, known: readonly string[]): string {
  const near = known
    .map((name) => ({ name, edits: distance(written, name) }))
    .toSorted((one, other) => one.edits - other.edits)[0];
  return near !== undefined && near.edits <= Math.max(2, written.length / 3)
    ? `write ${near.name}`
    : `write one of ${known.join(', ')}`;
}

/** Names that occur more than once, each with the position of the repetition. */
export function repeated(names: readonly string[]): Array<{ name: string; index: number }> {
  return names.flatMap((name, index) => (names.indexOf(name) < index ? [{ name, index }] : []));
}

function issuesOf(
  issue: z.core.$ZodIssue,
): Array<{ path: FactPath; message: string; fix: string }> {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: 'is not a known key',
      fix: 'remove it or correct its spelling',
    }));
  }
  if (issue.input === undefined && path.length > 0) {
    return [{ path, message: 'is missing', fix: 'add it' }];
  }
  if (issue.code === 'invalid_type') {
    return [{ path, message: `is not of type ${issue.expected}`, fix: 'correct the value' }];
  }
  if (issue.code === 'invalid_value') {
    const known = issue.values.map(String);
    const input = String(issue.input);
    return [{ path, message: `${input} is not allowed`, fix: fixForName(input, known) }];
  }
  return [{ path, message: issue.message, fix: 'correct the value' }];
}

const pathText = (path: FactPath): string =>
  path.length === 0
    ? ''
    : `${path.reduce<string>((text, key) => text + (typeof key === 'number' ? `[${key}]` : `${text === '' ? '' : '.'}${String(key)}`), '')}: `;

/** Where the deepest part of the path that exists begins. */
function offsetOf(document: Document.Parsed, path: FactPath): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (pair === undefined) break;
      offset = (isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(key)] as { range?: readonly number[] } | undefined;
      if (item === undefined) break;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else break;
  }
  return offset;
}
