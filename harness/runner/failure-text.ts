import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { printDiffOrStringify } from '@vitest/utils/diff';
import { workspaceFolder } from '../kernel/workspace.ts';

/** Causes of causes: deeper ones say nothing new. */
const CAUSES_MAX = 4;

/** What failed, in plain text: the message, what was expected, where, and the causes. */
export function failureText(error: unknown): string {
  return stripVTControlCharacters(describe(error, 0));
}

function describe(error: unknown, depth: number): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const isNews = cause instanceof Error && !error.message.includes(cause.message);
  return [
    error.message || error.name,
    ...differenceOf(error),
    ...placesOf(error),
    ...(isNews && depth < CAUSES_MAX ? [`caused by: ${describe(cause, depth + 1)}`] : []),
  ].join('\n');
}

/** An assertion's values, which its message abbreviates. */
function differenceOf(error: Error): string[] {
  if (!('expected' in error) || !('actual' in error)) return [];
  const text = printDiffOrStringify(error.actual, error.expected, {});
  return text === undefined ? [] : [text];
}

/** The frames in code that is neither Node's nor a package's, with paths as the user knows them. */
function placesOf({ stack = '' }: Error): string[] {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !/node:|\/node_modules\//.test(line))
    .map((line) =>
      line.replace(/file:\/\/[^\s)]+?(?=:\d+:\d+\)?$)/, (url) =>
        relative(workspaceFolder(), fileURLToPath(url)),
      ),
    );
}
