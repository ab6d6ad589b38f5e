import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { controlCharacterAt, hasControlCharacter } from './text.ts';

const NUL = String.fromCharCode(0);

describe('control characters', () => {
  it.each([
    ['a text', `a${NUL}b`, ''],
    ['a field', { address: { recipient: `a${NUL}` } }, 'address.recipient'],
    ['a list', { lines: [{ sku: 'a' }, { sku: '\n' }] }, 'lines.1.sku'],
  ])('are found in %s', (_, value, path) => {
    expect(controlCharacterAt(value)).toBe(path);
  });

  it('are all of C0, DEL and C1, and nothing else', () => {
    const codes = Array.from({ length: 0x200 }, (__, code) => code);
    const found = codes.filter((code) => hasControlCharacter(String.fromCharCode(code)));
    expect(found).toEqual(codes.filter((code) => code < 0x20 || (code >= 0x7f && code < 0xa0)));
  });

  it('are not in unusual but valid text, bytes, numbers and absent values', () => {
    const texts = ['👩‍👩‍👧', 'שלום', 'é', '𠮷野家', 'ﷺ'.repeat(100), '​'];
    for (const text of texts) expect(controlCharacterAt({ text })).toBeUndefined();
    const others = { bytes: new Uint8Array([0]), n: 1n, m: 0, none: null, absent: undefined };
    expect(controlCharacterAt(others)).toBeUndefined();
  });

  it('are found wherever they are', () => {
    const json = fc.object({ maxDepth: 3, values: [fc.integer(), fc.constant('fine')] });
    fc.assert(
      fc.property(json, fc.string(), (value, text) => {
        const has = hasControlCharacter(text);
        expect(controlCharacterAt({ value: 1, more: [text] }) !== undefined).toBe(has);
        expect(controlCharacterAt({ ...value, zz: { text: NUL } })).toBeDefined();
      }),
      { seed: 20_261_129 },
    );
  });
});
