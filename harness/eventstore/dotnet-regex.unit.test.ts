import { describe, expect, it } from 'vitest';
import { toJavaScriptRegex } from './dotnet-regex.ts';

const matches = (source: string, text: string) => new RegExp(toJavaScriptRegex(source)).test(text);

describe('a regular expression of .NET', () => {
  it.each([
    ['(?i)^order-', 'ORDER-1', true],
    ['^order-', 'ORDER-1', false],
    ['^a(?i)b', 'aB', true],
    ['^a(?i)b', 'AB', false],
    ['^(?:(?i)a)b$', 'Ab', true],
    ['^(?:(?i)a)b$', 'AB', false],
    ['^(?i)ab|cd$', 'CD', true],
    ['^x(?i)a|b$', 'xA', true],
    ['^x(?i)a|b$', 'B', true],
    ['^(?i)a(?-i)b$', 'Ab', true],
    ['^(?i)a(?-i)b$', 'AB', false],
    ['[(?i)]', '?', true],
    ['[]a]', ']', false],
    ['\\(\\?i\\)', '(?i)', true],
    ['\\Aab\\z', 'ab', true],
    ['\\Aab\\z', 'xab', false],
    ['(?n)^(a)$', 'a', true],
    ['^(?<name>a)$', 'a', true],
    ['(?s)^a.b$', 'a\nb', true],
    ['^[^$].*', '$system', false],
  ])('%s on %s: %s', (source, text, expected) => {
    expect(matches(source, text)).toBe(expected);
  });

  it('is refused when it has an option that JavaScript lacks', () => {
    expect(() => matches('(?x) a b', 'ab')).toThrow(SyntaxError);
  });
});
