import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { printDiffOrStringify } from '@vitest/utils/diff';
import { SERVICES } from '../kernel/address-book.ts';
import { workspaceFolder } from '../kernel/workspace.ts';

/** Causes of causes: deeper ones say nothing new. */
const CAUSES_MAX = 4;
/** Longer values are shown by their difference. */
const VALUE_CHARS_MAX = 160;
const DIFFERENCE_LINES_MAX = 14;

const INSTANCE = new RegExp(`(?<![\\w-])(?:${SERVICES.join('|')})-\\d+(?![\\w-])`);

/**
 * What failed, for people: what was looked at, what was expected and what came, the instance that
 * is concerned, and one line of the scenario's own code.
 *
 * @param ownFile the module of the scenario
 */
export function failureText(error: unknown, ownFile = ''): string {
  const lines = plainLines(error, 0);
  const instance = INSTANCE.exec(lines.join('\n'))?.[0];
  if (instance !== undefined) lines.push(`instance: ${instance}`);
  const place = ownPlace(error, shortPath(ownFile));
  if (place !== undefined) lines.push(place);
  return stripVTControlCharacters(lines.join('\n'));
}

/** Everything that is known: the message, the difference, all places and the causes. */
export function failureTrace(error: unknown): string {
  return stripVTControlCharacters(describe(error, 0));
}

function plainLines(error: unknown, depth: number): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const { cause } = error;
  const isNews = cause instanceof Error && !error.message.includes(cause.message);
  const because =
    isNews && depth < CAUSES_MAX
      ? plainLines(cause, depth + 1).map((line, place) => (place === 0 ? `because: ${line}` : line))
      : [];
  return [...(assertionLines(error) ?? [error.message || error.name]), ...because];
}

/** An assertion as three lines; undefined for other errors. */
function assertionLines(error: Error): string[] | undefined {
  const [, label = 'a value is not what it must be', sentence] =
    /^(?:(.*?): )?(expected .+)$/s.exec(error.message) ?? [];
  if (sentence === undefined) return undefined;
  const said = sentence.replace(/ \/\/ .*$/s, '');
  if (!('expected' in error) || !('actual' in error)) return [label, said];
  const came = valueText(error.actual);
  const expected = valueText(error.expected);
  if (came === undefined || expected === undefined) return [label, ...differenceOf(error)];
  const relation = /\bto (be (?:greater|less)[^\d]*|include|match)/.exec(said)?.[1]?.trim();
  const wanted = relation === undefined ? expected : `to ${relation} ${expected}`;
  return [label, `expected: ${wanted}`, `came: ${came}`];
}

/** A value on one line, unless it is too long for that. */
function valueText(value: unknown): string | undefined {
  const text =
    value === undefined || typeof value === 'function' || value instanceof RegExp
      ? String(value)
      : JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}n` : (one as unknown)));
  return text === undefined || text.length > VALUE_CHARS_MAX ? undefined : text;
}

function describe(error: unknown, depth: number): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const isNews = cause instanceof Error && !error.message.includes(cause.message);
  return [
    error.message || error.name,
    ...differenceOf(error, Number.POSITIVE_INFINITY),
    ...placesOf(error),
    ...(isNews && depth < CAUSES_MAX ? [`caused by: ${describe(cause, depth + 1)}`] : []),
  ].join('\n');
}

/** An assertion's values, which its message abbreviates. */
function differenceOf(error: Error, linesMax = DIFFERENCE_LINES_MAX): string[] {
  if (!('expected' in error) || !('actual' in error)) return [];
  const text = printDiffOrStringify(error.actual, error.expected, {});
  return text === undefined ? [] : text.split('\n').slice(0, linesMax);
}

/** The first place in the scenario's module, else the first that is not in the harness. */
function ownPlace(error: unknown, ownFile: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const places = placesOf(error);
  const own = places.find((place) => ownFile !== '' && place.includes(`${ownFile}:`));
  const user = places.find((place) => !/[\s(]harness\//.test(place));
  const nearer =
    own !== undefined && user !== undefined && places.indexOf(user) < places.indexOf(own);
  const place = nearer ? user : (own ?? user);
  return place?.trim() ?? ownPlace(error.cause, ownFile);
}

/** The frames in code that is neither Node's nor a package's, with paths as the user knows them. */
function placesOf({ stack = '' }: Error): string[] {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !/node:|\/node_modules\//.test(line))
    .map((line) =>
      line.replace(/file:\/\/[^\s)]+?(?=:\d+:\d+\)?$)/, (url) => shortPath(fileURLToPath(url))),
    );
}

const shortPath = (path: string): string => (path === '' ? '' : relative(workspaceFolder(), path));
