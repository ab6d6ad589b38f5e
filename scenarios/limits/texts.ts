import type { Flaw } from '../../harness/documents/json-schema-check.ts';

/** A text at or next to a limit of its schema. */
export interface Text {
  readonly what: string;
  readonly text: string;
}

/** Longer than any text that our documents allow. */
const LENGTH_MAX = 600;
/** Through ASCII, its controls, and those of Latin 1. */
const CHARACTER_MAX = 0xff;
const FILLERS = ['a', 'A', '0'];
/** One character, two units of UTF-16, four bytes of UTF-8. */
const ASTRAL = '𠮷';

/**
 * Texts around the limits of a schema, found by asking it: lengths at n - 1, n and n + 1, and the
 * characters on both sides of each border of what it allows. A text of a fixed form, as a UUID is,
 * gets changes of the valid one.
 */
export function textsAround(flaw: Flaw, valid: string): Text[] {
  const allows = (text: string) => flaw(text) === undefined;
  const filler = FILLERS.find((one) => lengthsOf(one, allows).length > 0);
  if (filler === undefined) return changesOf(valid);
  const lengths = lengthsOf(filler, allows);
  const shortest = lengths[0] ?? 0;
  const frame = filler.repeat(Math.max(shortest, Math.min(3, lengths.at(-1) ?? 0)));
  const put = (character: string) => `${frame.slice(1, -1)}${character}${frame.slice(-1)}`;
  const isAllowed = (code: number) => allows(put(String.fromCodePoint(code)));
  const codes = Array.from({ length: CHARACTER_MAX }, (_, index) => index + 1);
  const borders = codes.filter((code) => isAllowed(code) !== isAllowed(code - 1));
  const characters = new Set(borders.flatMap((code) => [code - 1, code]));
  return [
    ...edgesOf(lengths).map((length) => ofLength(filler, length)),
    ...[...characters].map((code) => ({
      what: `U+${code.toString(16).padStart(4, '0')}`,
      text: put(String.fromCodePoint(code)),
    })),
    ...edgesOf(lengthsOf(ASTRAL, allows)).map((length) => ofLength(ASTRAL, length)),
  ];
}

const ofLength = (character: string, length: number): Text => ({
  what: `${length} × ${character}`,
  text: character.repeat(length),
});

function lengthsOf(character: string, allows: (text: string) => boolean): number[] {
  return Array.from({ length: LENGTH_MAX + 1 }, (_, length) => length).filter((length) =>
    allows(character.repeat(length)),
  );
}

/** The ends of a range and their neighbours; a text without an end has no upper one. */
function edgesOf(lengths: readonly number[]): number[] {
  const [first, last] = [lengths[0], lengths.at(-1)];
  if (first === undefined || last === undefined) return [];
  const upper = last === LENGTH_MAX ? [] : [last - 1, last, last + 1];
  return [...new Set([first - 1, first, ...upper])].filter((length) => length >= 0);
}

const changesOf = (valid: string): Text[] => [
  { what: 'empty', text: '' },
  { what: 'one character less', text: valid.slice(0, -1) },
  { what: 'one character more', text: `${valid}0` },
  { what: 'in capital letters', text: valid.toUpperCase() },
  { what: 'another character', text: `g${valid.slice(1)}` },
];
