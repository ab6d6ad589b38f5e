import type { Flat } from './flat.ts';
import type { Incompatibility } from './incompatibility.ts';
import { includesPattern, matchesAll } from './patterns.ts';
import { mayBe } from './types.ts';

/** Formats that validators check; any other is a comment. */
const CHECKED = new Set([
  'date',
  'time',
  'date-time',
  'iso-time',
  'iso-date-time',
  'duration',
  'uri',
  'uri-reference',
  'uri-template',
  'url',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'regex',
  'uuid',
  'json-pointer',
  'relative-json-pointer',
  'byte',
  'int32',
]);
/** A text of the first format is one of the second as well. */
const INCLUDED: Readonly<Record<string, string>> = {
  uri: 'uri-reference',
  url: 'uri',
  'date-time': 'iso-date-time',
  time: 'iso-time',
};
const UUID = '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';
/** What a format says as a pattern, where it does. */
const AS_PATTERN: Readonly<Record<string, string>> = { uuid: UUID };

/** Patterns and formats that what is sent need not match. */
export function textProblems(to: Flat, sender: Flat, place: string): Incompatibility[] {
  const text = mayBe(sender, 'string');
  const patterns = text ? [...to.patterns] : [];
  const formats = [...to.formats].filter(
    (format) => CHECKED.has(format) && (format === 'int32' ? mayBe(sender, 'number') : text),
  );
  return [
    ...patterns.flatMap((pattern) => patternProblem(pattern, to, sender, place)),
    ...formats.flatMap((format) => formatProblem(format, to, sender, place)),
  ];
}

function patternProblem(pattern: string, to: Flat, sender: Flat, place: string): Incompatibility[] {
  if (matchesAll(pattern)) return [];
  const implied = [...sender.formats].flatMap((format) => AS_PATTERN[format] ?? []);
  const sent = [...sender.patterns, ...implied];
  const answers = sent.map((known) => includesPattern(pattern, known));
  if (answers.includes(true)) return [];
  const certain = !answers.includes(undefined);
  const what = certain
    ? `${place} must match ${pattern}, and other texts were allowed`
    : `${place} must match ${pattern}, and it is undecidable whether every sent value does`;
  return [
    { rule: certain ? 'pattern' : 'undecidable', what, path: to.path, in: 'receiver', certain },
  ];
}

function formatProblem(format: string, to: Flat, sender: Flat, place: string): Incompatibility[] {
  const known = [...sender.formats].flatMap((own) => [own, INCLUDED[own] ?? own]);
  if (known.includes(format)) return [];
  const asPattern = AS_PATTERN[format];
  const implied =
    asPattern !== undefined &&
    [...sender.patterns].some((pattern) => includesPattern(asPattern, pattern) === true);
  if (implied || (format === 'int32' && withinInt32(sender))) return [];
  const what = `${place} must be of format ${format}, and other texts were allowed`;
  return [{ rule: 'format', what, path: to.path, in: 'receiver', certain: true }];
}

function withinInt32({ bounds, types }: Flat): boolean {
  const whole = types !== undefined && !types.has('number');
  const [least, most] = [bounds.get('minimum'), bounds.get('maximum')];
  return (
    whole && least !== undefined && most !== undefined && least >= -(2 ** 31) && most <= 2 ** 31 - 1
  );
}
