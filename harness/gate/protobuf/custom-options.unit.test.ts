import { describe, expect, it } from 'vitest';
import { withoutCustomOptions } from './custom-options.ts';

describe('a file without custom options', () => {
  it.each([
    ['string a = 1 [(x.y) = 3];', 'string a = 1 ;'],
    ['string a = 1 [deprecated = true, (x).y = "],;"];', 'string a = 1 [deprecated = true];'],
    [
      'option java_package = "a"; // option (x) = 1;',
      'option java_package = "a"; // option (x) = 1;',
    ],
    ['option (x) = { a: "}" b: [1] }; message M {}', ' message M {}'],
    ['string option = 1;', 'string option = 1;'],
  ])('%s', (text, expected) => {
    expect(withoutCustomOptions(text)).toBe(expected);
  });

  it('keeps its lines', () => {
    const text =
      'message M {\n  option (x) = {\n    a: 1\n  };\n  string a = 1 [\n    (y) = 1\n  ];\n}';
    const kept = withoutCustomOptions(text);
    expect(kept.split('\n')).toHaveLength(text.split('\n').length);
    expect(kept.split('\n')[4]?.trim()).toMatch(/^string a = 1/);
  });
});
