import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sourceFiles } from './source-files.ts';
import { type Exceptions, newWordingFaults, wordingFaults } from './wording.ts';

const exceptions = JSON.parse(
  readFileSync(new URL('./wording-exceptions.json', import.meta.url), 'utf8'),
) as Exceptions;

const file = (text: string, path = 'harness/kernel/a.ts') => ({ path, text });

describe('the wording rule', () => {
  it.each([
    '// Whoever reads it.',
    'it("is told", () => {});',
    'const leansOn = [];',
    'throw new Error(`mend: install it`);',
    '/** What becomes of a job. */',
    'sends orders through the front door',
    'const WHAT_IS_OWED = 1;',
  ])('refuses %j', (line) => {
    expect(wordingFaults(file(line))).toHaveLength(1);
  });

  it.each([
    'const amended = recommend(told1);',
    '// Odd numbers of nodes elect a leader.',
    'const shear = besides;',
    '// The mark stands for a frame.',
    "const ids = await idsOf(['postgres', 'nobody']);",
  ])('accepts %j', (line) => {
    expect(wordingFaults(file(line))).toEqual([]);
  });

  it('names the line, the word and the fix', () => {
    expect(wordingFaults(file('const x = 1;\n// Nobody reads it.'))).toEqual([
      'harness/kernel/a.ts:2: "nobody" (fix: name the actor)',
    ]);
  });

  it('is stricter in docs and in command line output', () => {
    expect(wordingFaults(file('It tells the address.', 'docs/a.md'))).toHaveLength(1);
    expect(wordingFaults(file('A piece in `pieces/a`.', 'docs/a.md'))).toHaveLength(1);
    expect(wordingFaults(file('// It tells the address.'))).toEqual([]);
  });

  it('allows a listed file its present number of words, also after a move, and no more', () => {
    const old = file('// Whoever reads it.', 'b/c/old.unit.test.ts');
    expect(newWordingFaults([old], { 'a/old.ts': 1 })).toEqual([]);
    expect(newWordingFaults([old], {})).toHaveLength(1);
    expect(
      newWordingFaults([file('// told\n// heard', 'a/old.ts')], { 'a/old.ts': 1 }),
    ).toHaveLength(2);
  });
});

describe('the list of exceptions', () => {
  it('must shrink with the refused words of a file', () => {
    const one = file('// told', 'a/old.ts');
    expect(newWordingFaults([one], { 'a/old.ts': 1 })).toEqual([]);
    expect(newWordingFaults([one], { 'a/old.ts': 2 })).toEqual([
      'a/old.ts: the exception of 2 is too high (fix: write 1)',
    ]);
    expect(newWordingFaults([file('// fine', 'a/old.ts')], { 'a/old.ts': 1 })).toEqual([
      'a/old.ts: the exception of 1 is too high (fix: remove it)',
    ]);
  });

  it('must not name a file that does not exist', () => {
    expect(newWordingFaults([], { 'a/old.ts': 1 })).toEqual([
      'a/old.ts: does not exist (fix: remove it from the exceptions)',
    ]);
  });
});

describe('the wording of this repository', () => {
  it('has no refused words (else rewrite the lines; the list of exceptions only shrinks)', () => {
    expect(newWordingFaults(sourceFiles(), exceptions)).toEqual([]);
  });
});
