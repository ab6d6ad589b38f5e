import { describe, expect, it } from 'vitest';
import { Budget, BudgetError } from './budget.ts';
import { SchemaDocument } from './document.ts';
import { DocumentSet } from './document-set.ts';
import { incompatibilities } from './incompatibilities.ts';
import { includesPattern } from './patterns.ts';

const nodeOf = (schema: unknown) =>
  new SchemaDocument(JSON.stringify({ schema }), 'x.yaml').resolve('#/schema');
const rulesOf = (sender: unknown, receiver: unknown, open = false) =>
  incompatibilities(nodeOf(receiver), nodeOf(sender), { open }, 'the body').map(({ rule }) => rule);
const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
const text = { type: 'string' };
const whole = { type: 'integer' };

/** What is sent, what takes it, and what refuses it, by rule. */
const CASES: ReadonlyArray<readonly [string, unknown, unknown, unknown]> = [
  ['type', whole, { type: 'number' }, text],
  ['type', { type: ['string', 'null'] }, { type: ['null', 'string', 'integer'] }, text],
  ['enum-value', { enum: ['A'] }, { enum: ['A', 'B'] }, { enum: ['B'] }],
  ['enum-value', { const: 3 }, { type: 'integer', maximum: 3 }, { type: 'integer', maximum: 2 }],
  ['enum-added', { type: 'boolean' }, { enum: [true, false] }, { enum: [true] }],
  [
    'required',
    object({ a: text }, { required: ['a'] }),
    object({}),
    object({}, { required: ['b'] }),
  ],
  [
    'property-unknown',
    object({ a: text }),
    object({ a: text }, { additionalProperties: false }),
    object({}, { additionalProperties: false }),
  ],
  [
    'bound-minimum',
    { ...whole, minimum: 1 },
    { ...whole, exclusiveMinimum: 0 },
    { ...whole, minimum: 2 },
  ],
  ['bound-maximum', { ...whole, maximum: 9 }, { ...whole, maximum: 9 }, { ...whole, maximum: 8 }],
  [
    'bound-max-length',
    { ...text, maxLength: 4 },
    { ...text, maxLength: 5 },
    { ...text, maxLength: 3 },
  ],
  ['bound-min-length', text, { ...text, minLength: 0 }, { ...text, minLength: 1 }],
  [
    'bound-max-items',
    { type: 'array', maxItems: 2 },
    { type: 'array', maxItems: 2 },
    { type: 'array', maxItems: 1 },
  ],
  [
    'bound-multiple-of',
    { ...whole, multipleOf: 10 },
    { ...whole, multipleOf: 5 },
    { ...whole, multipleOf: 3 },
  ],
  [
    'pattern',
    { ...text, pattern: '^[a-c]$' },
    { ...text, pattern: '^[a-z]+$' },
    { ...text, pattern: '^a$' },
  ],
  ['format', { ...text, format: 'uuid' }, text, { ...text, format: 'date' }],
  [
    'items',
    { type: 'array', items: whole },
    { type: 'array', items: { type: 'number' } },
    { type: 'array', items: whole, uniqueItems: true },
  ],
  ['no-alternative', whole, { oneOf: [text, whole] }, { oneOf: [text, { type: 'null' }] }],
  [
    'alternatives-overlap',
    whole,
    { anyOf: [whole, { type: 'number' }] },
    { oneOf: [whole, { type: 'number' }] },
  ],
  ['value-refused', text, text, { ...text, not: { const: 'x' } }],
  ['undecidable', text, text, { ...text, contentEncoding: 'base64' }],
];

describe('what one side sends and the other refuses', () => {
  it.each(CASES)(
    '%s is found where it is and not where it is not',
    (rule, sent, takes, refuses) => {
      expect(rulesOf(sent, takes)).toEqual([]);
      expect(rulesOf(sent, refuses)).toContain(rule);
    },
  );

  it('looks into nested objects, items and maps', () => {
    const nested = (inner: unknown) =>
      object({ a: { type: 'array', items: { type: 'object', additionalProperties: inner } } });
    expect(rulesOf(nested(whole), nested({ type: 'number' }))).toEqual([]);
    expect(rulesOf(nested({ type: 'number' }), nested(whole))).toEqual(['type']);
  });

  it('checks the keys of a map against their schema', () => {
    const keys = (propertyNames: unknown) => ({
      type: 'object',
      additionalProperties: whole,
      propertyNames,
    });
    expect(rulesOf(keys({ enum: ['a'] }), keys({ maxLength: 1 }))).toEqual([]);
    expect(rulesOf(keys({ ...text, maxLength: 2 }), keys({ maxLength: 1 }))).toContain(
      'bound-max-length',
    );
  });

  it('accepts unknown members and properties for tolerant readers', () => {
    const [sent, reads] = [
      object({ c: { enum: ['A', 'B'] }, d: text }),
      object({ c: { enum: ['A'] } }, { additionalProperties: false }),
    ];
    expect(rulesOf(sent, reads)).toEqual(['enum-value', 'property-unknown']);
    expect(rulesOf(sent, reads, true)).toEqual([]);
    expect(rulesOf(object({ c: whole }), reads, true)).toContain('type');
  });

  it('checks a sent alternative branch by branch', () => {
    const tagged = (...tags: string[]) => ({
      oneOf: tags.map((tag) => object({ type: { const: tag } }, { required: ['type'] })),
    });
    expect(rulesOf(tagged('a'), tagged('a', 'b'))).toEqual([]);
    expect(rulesOf(tagged('a', 'b'), tagged('a'))).not.toEqual([]);
  });

  it('ends on a schema that contains itself', () => {
    const document = (leaf: object) =>
      new SchemaDocument(
        JSON.stringify({ tree: object({ leaf, next: { $ref: '#/tree' } }) }),
        'x.yaml',
      ).resolve('#/tree');
    const found = incompatibilities(document(text), document(whole), { open: false }, 'the body');
    expect(new Set(found.map(({ rule }) => rule))).toEqual(new Set(['type']));
  });

  it.each([
    ['a reference to itself', { $ref: '#/schema' }],
    ['a part of itself', { allOf: [{ $ref: '#/schema' }], minLength: 1 }],
  ])('refuses %s, which describes nothing', (_, schema) => {
    expect(() => rulesOf(text, schema)).toThrow('refers to itself');
  });

  it('ends when its time is over', () => {
    const names = Array.from({ length: 12 }, (_, index) => `p${index}`);
    const branch = (name: string, type: string) =>
      object({ [name]: { type } }, { required: [name] });
    const deep = (type: string) => ({
      allOf: names.map((name) => ({ anyOf: [branch(name, 'string'), branch(name, type)] })),
    });
    const files = { a: JSON.stringify(deep('integer')), b: JSON.stringify(deep('boolean')) };
    const read = (path: string) => files[path as 'a' | 'b'];
    const set = new DocumentSet(read, '', new Budget(50));
    const [one, other] = [set.open('a').top, set.open('b').top];
    expect(() => incompatibilities(one, other, { open: false }, 'x')).toThrow(BudgetError);
  });

  it('names a reference without a target', () => {
    expect(() => rulesOf({ $ref: '#/nowhere' }, text)).toThrow('"#/nowhere" points to nothing');
  });
});

describe('schemas combined with allOf', () => {
  it.each([
    ['the least common multiple', { multipleOf: 12 }, [{ multipleOf: 4 }, { multipleOf: 6 }]],
    ['decimal steps', { multipleOf: 0.5 }, [{ multipleOf: 0.1 }, { multipleOf: 0.25 }]],
    [
      'closed objects: a part refuses what only its sibling names',
      object({ a: whole }, { additionalProperties: false }),
      [object({ a: whole }, { additionalProperties: false }), object({ b: whole })],
    ],
    [
      'positions of an array',
      { prefixItems: [{ type: 'integer', minimum: 2 }, whole], items: whole },
      [{ prefixItems: [{ minimum: 2 }] }, { prefixItems: [whole, whole], items: whole }],
    ],
    [
      'what a property needs',
      { ...object({ a: text }), dependentRequired: { a: ['b', 'c'] } },
      [
        { dependentRequired: { a: ['b'] } },
        object({ a: text }),
        { dependentRequired: { a: ['c'] } },
      ],
    ],
    ['const and enum', { const: 'A' }, [{ const: 'A', enum: ['A', 'B'] }]],
    [
      'two keywords that cannot be compared',
      { allOf: [{ not: { const: 1 } }, { not: { const: 2 } }] },
      [{ not: { const: 2 } }, { not: { const: 1 } }],
    ],
  ])('%s: the combination is the same schema in both directions', (_, one, allOf) => {
    expect(rulesOf(one, { allOf })).toEqual([]);
    expect(rulesOf({ allOf }, one)).toEqual([]);
  });

  it.each([
    ['bound-multiple-of', { allOf: [{ multipleOf: 4 }, { multipleOf: 6 }] }, { multipleOf: 24 }],
    [
      'undecidable',
      { not: { const: 2 } },
      { allOf: [{ not: { const: 1 } }, { not: { const: 2 } }] },
    ],
    [
      'property-unknown',
      object({ a: text, b: text }),
      { allOf: [object({ a: text }, { additionalProperties: false }), object({ b: text })] },
    ],
    [
      'property-unknown',
      object({ a: text, b: text }, { unevaluatedProperties: false }),
      object({ a: text }, { unevaluatedProperties: false }),
    ],
    ['type', { prefixItems: [text] }, { allOf: [{ prefixItems: [text] }, { items: whole }] }],
    [
      'property-unknown',
      object({ long: text }),
      object({ long: text }, { propertyNames: { maxLength: 1 } }),
    ],
    [
      'required',
      object({ a: text, b: text }, { dependentRequired: { a: ['b'] } }),
      {
        allOf: [{ dependentRequired: { a: ['c'] } }, { dependentRequired: { a: ['b'] } }],
      },
    ],
  ])('%s is found in a combination', (rule, sent, takes) => {
    expect(rulesOf(sent, takes)).toContain(rule);
  });
});

describe('whether one pattern includes another', () => {
  it.each([
    ['^[a-z0-9]+$', '^[a-z]+$', true],
    ['^[a-z]+$', '^[a-z0-9]+$', false],
    ['b', '^abc$', true],
    ['^\\d\\d$', '^[0-9]{2}$', true],
    ['^(a|b)$', '^a$', true],
    ['^a(?=b)', '^ab', undefined],
    ['^a|b$', '^a$', undefined],
  ])('%s includes %s: %s', (accepted, sent, included) => {
    expect(includesPattern(accepted, sent)).toBe(included);
  });
});
