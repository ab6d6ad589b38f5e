import { describe, expect, it } from 'vitest';
import { avroProblems, type Mode, promises } from './compatibility.ts';

const field = (name: string, type: unknown, more: object = {}) => ({ name, type, ...more });
const record = (...fields: object[]) => ({
  type: 'record',
  name: 'Event',
  namespace: 'shop',
  fields,
});
const symbols = (names: string[], more: object = {}) => ({
  type: 'enum',
  name: 'Colour',
  symbols: names,
  ...more,
});
const logical = (type: string, logicalType: string, more: object = {}) => ({
  type,
  logicalType,
  ...more,
});
const fixed = (size: number) => ({ type: 'fixed', name: 'Hash', size });

const rulesOf = (before: object, after: object, mode: Mode = 'FULL') =>
  avroProblems(JSON.stringify(before), JSON.stringify(after), mode, 'x.avsc').map(
    ({ rule }) => rule,
  );

/** For each rule: one change that it must report, and the closest one that it must not. */
const CASES: ReadonlyArray<{ rule: string; mode?: Mode; found: object[]; not: object[] }> = [
  {
    rule: 'avro/field-required',
    found: [record(), record(field('a', 'int'))],
    not: [record(), record(field('a', 'int', { default: 0 }))],
  },
  {
    rule: 'avro/field-removed',
    found: [record(field('a', 'int')), record()],
    not: [record(field('a', 'int', { default: 0 })), record()],
  },
  {
    rule: 'avro/enum-symbol-added',
    found: [record(field('c', symbols(['A']))), record(field('c', symbols(['A', 'B'])))],
    not: [
      record(field('c', symbols(['A'], { default: 'A' }))),
      record(field('c', symbols(['A', 'B'], { default: 'A' }))),
    ],
  },
  {
    rule: 'avro/enum-symbol-removed',
    found: [record(field('c', symbols(['A', 'B']))), record(field('c', symbols(['A'])))],
    not: [
      record(field('c', symbols(['A', 'B'], { default: 'A' }))),
      record(field('c', symbols(['A'], { default: 'A' }))),
    ],
  },
  {
    rule: 'avro/type-changed',
    found: [record(field('a', 'int')), record(field('a', 'string'))],
    not: [record(field('a', 'int')), record(field('a', 'int', { doc: 'a number' }))],
  },
  {
    rule: 'avro/type-changed',
    found: [record(field('h', fixed(16))), record(field('h', fixed(32)))],
    not: [record(field('h', fixed(16))), record(field('h', fixed(16)))],
  },
  {
    rule: 'avro/promotion-loses',
    mode: 'BACKWARD',
    found: [record(field('a', 'long')), record(field('a', 'float'))],
    not: [record(field('a', 'int')), record(field('a', 'double'))],
  },
  {
    rule: 'avro/logical-type-changed',
    found: [
      record(field('at', logical('long', 'timestamp-millis'))),
      record(field('at', logical('long', 'timestamp-micros'))),
    ],
    not: [
      record(field('at', logical('long', 'timestamp-millis'))),
      record(field('at', logical('long', 'timestamp-millis'), { doc: 'when' })),
    ],
  },
  {
    rule: 'avro/name-changed',
    found: [record(), { ...record(), name: 'Other' }],
    not: [record(), { ...record(), namespace: 'store' }],
  },
  {
    rule: 'avro/union-branch-added',
    found: [record(field('v', ['null', 'int'])), record(field('v', ['null', 'int', 'string']))],
    not: [record(field('v', ['null', 'int'])), record(field('v', ['int', 'null']))],
  },
  {
    rule: 'avro/union-branch-removed',
    found: [record(field('v', ['null', 'int', 'string'])), record(field('v', ['null', 'int']))],
    not: [record(field('v', ['null', 'int'])), record(field('v', ['null', 'int']))],
  },
  {
    rule: 'avro/default-invalid',
    found: [record(), record(field('v', ['null', 'int'], { default: 0 }))],
    not: [record(), record(field('v', ['null', 'int'], { default: null }))],
  },
];

describe('the rules of Avro', () => {
  it.each(CASES)('$rule finds its change and leaves the nearest harmless one', (change) => {
    const { rule, mode = 'FULL', found, not } = change;
    expect(rulesOf(found[0] ?? {}, found[1] ?? {}, mode)).toContain(rule);
    expect(rulesOf(not[0] ?? {}, not[1] ?? {}, mode)).toEqual([]);
  });

  it('checks only the directions of the mode', () => {
    const [narrow, wide] = [record(field('a', 'int')), record(field('a', 'long'))];
    expect(rulesOf(narrow, wide, 'BACKWARD')).toEqual([]);
    expect(rulesOf(narrow, wide, 'FORWARD')).toEqual(['avro/type-changed']);
    expect(rulesOf(narrow, wide, 'NONE')).toEqual([]);
  });

  it('accepts the alias of a reader, which an older reader does not have', () => {
    const [old, now] = [
      record(field('note', 'string')),
      record(field('remark', 'string', { aliases: ['note'] })),
    ];
    expect(rulesOf(old, now, 'BACKWARD')).toEqual([]);
    expect(rulesOf(old, now, 'FORWARD')).toEqual(['avro/field-removed']);
  });

  it('reads a record that contains itself', () => {
    const tree = (leaf: string) =>
      record(field('leaf', leaf), field('next', ['null', 'shop.Event']));
    expect(rulesOf(tree('int'), tree('int'))).toEqual([]);
    expect(rulesOf(tree('int'), tree('string'))).toContain('avro/type-changed');
  });

  it.each([
    ['{', 'is not JSON'],
    ['{"type":"record","name":"E"}', 'a record needs "fields"'],
    ['{"type":"record","name":"E","fields":[{"name":"a","type":"Money"}]}', 'no type "Money"'],
    ['{"type":"enum","name":"E"}', 'needs "symbols"'],
    ['7', 'a type is a name'],
  ])('names what is wrong with the schema %s', (text, problem) => {
    expect(() => avroProblems('"int"', text, 'FULL', 'avro/x.avsc')).toThrow(problem);
    expect(() => avroProblems('"int"', text, 'FULL', 'avro/x.avsc')).toThrow('avro/x.avsc');
  });

  it('knows which mode includes the guarantees of another', () => {
    expect(promises('FULL_TRANSITIVE', 'BACKWARD')).toBe(true);
    expect(promises('BACKWARD', 'FULL')).toBe(false);
    expect(promises('FULL', 'FULL_TRANSITIVE')).toBe(false);
    expect(promises('NONE', 'NONE')).toBe(true);
  });
});
