import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OpaqueError } from '../protocol.ts';
import { EMPTY_TABLE, encodeLiterally, HpackDecoder } from './hpack.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('HPACK', () => {
  it('reads the examples of RFC 7541, C.4 and C.6', () => {
    const requests = new HpackDecoder();
    const first = hex('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff');
    expect(requests.decode(first).fields).toEqual([
      [':method', 'GET'],
      [':scheme', 'http'],
      [':path', '/'],
      [':authority', 'www.example.com'],
    ]);
    const second = requests.decode(hex('8286 84be 5886 a8eb 1064 9cbf')).fields;
    expect(second.slice(3)).toEqual([
      [':authority', 'www.example.com'],
      ['cache-control', 'no-cache'],
    ]);
    const third = requests.decode(
      hex('8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf'),
    );
    expect(third.fields.slice(2)).toEqual([
      [':path', '/index.html'],
      [':authority', 'www.example.com'],
      ['custom-key', 'custom-value'],
    ]);
  });

  it('reads what it writes, and leaves the table as it is', () => {
    const text = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      maxLength: 300,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 20 }), (fields) => {
        const block = Buffer.concat([EMPTY_TABLE, encodeLiterally(fields)]);
        expect(new HpackDecoder().decode(block)).toEqual({ fields, resizes: true });
      }),
    );
  });

  it('throws nothing but OpaqueError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          new HpackDecoder().decode(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(OpaqueError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
