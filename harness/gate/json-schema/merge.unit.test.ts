import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import mergeAllOf from 'json-schema-merge-allof';
import { describe, expect, it } from 'vitest';
import { isJson, SchemaDocument } from './document.ts';
import { flatten } from './flatten.ts';
import { incompatibilities } from './incompatibilities.ts';
import { merged } from './merge.ts';
import { schemaOf } from './schema-of.ts';
import { instances, type Part, RULES, schemas } from './schemas.testkit.ts';

const SEED = 20_261_129;
const RUNS = 60;
/** Two validators are compiled per run; a loaded machine takes ten times as long as a free one. */
const TIMEOUT_MS = 60_000;
const VALUES = fc.array(instances, { minLength: 30, maxLength: 60 });

/** Schemas are generated, so the meta-schema, which takes 30 ms to compile, is left out. */
const AJV = {
  strict: false,
  logger: false,
  multipleOfPrecision: 9,
  meta: false,
  validateSchema: false,
} as const;

const nodeOf = (schema: unknown) =>
  new SchemaDocument(JSON.stringify({ schema }), 'x.yaml').resolve('#/schema');
const validator = (schema: unknown): ((value: unknown) => boolean) => {
  const ajv = new Ajv2020(AJV);
  const validate = ajv.compile(schema as object | boolean);
  return (value) => validate(value) === true;
};
const accepted = (schema: unknown, values: readonly unknown[]): unknown[] =>
  values.filter(validator(schema));

/** The library throws when it finds no common schema, and for keywords that it does not know. */
function byLibrary(allOf: readonly Part[]): unknown {
  try {
    return mergeAllOf({ allOf: structuredClone(allOf) as Array<Record<string, unknown>> });
  } catch {
    return undefined;
  }
}

/** Rules that json-schema-merge-allof 0.8.1 gets wrong: parts, and an instance that shows it. */
const LIBRARY_WRONG: Readonly<Record<string, readonly [readonly Part[], unknown]>> = {
  types: [[{ type: ['integer', 'string'] }, { type: ['number', 'string'] }], 0],
  texts: [[{ pattern: 'b$' }, { pattern: '^a' }], 'ab'],
  'properties by pattern': [
    [{ additionalProperties: { minimum: 3 } }, { patternProperties: { '^x': { minimum: 0 } } }],
    { x2: 2 },
  ],
  'items by position': [[{ prefixItems: [{ minimum: 0 }] }, { items: { multipleOf: 1 } }], [1.5]],
  alternatives: [
    [{ oneOf: [{ multipleOf: 1 }] }, { oneOf: [{ multipleOf: 6 }, { multipleOf: 6 }] }],
    0,
  ],
  'what nothing else evaluates': [
    [{ unevaluatedItems: { type: 'boolean' } }, { prefixItems: [{ enum: [null] }] }],
    [null],
  ],
};

describe.each(Object.keys(RULES))('combining %s', (rule) => {
  const parts = fc.array(schemas([rule]), { minLength: 2, maxLength: 3 });
  const wrong = LIBRARY_WRONG[rule];

  it(
    'accepts an instance if and only if every part accepts it',
    () => {
      fc.assert(
        fc.property(parts, VALUES, (allOf, values) => {
          const flat = accepted(schemaOf(flatten(nodeOf({ allOf }))), values);
          expect(flat).toEqual(accepted({ allOf }, values));
          const library = wrong === undefined ? byLibrary(allOf) : undefined;
          // A second opinion, where the library can merge the parts.
          if (library !== undefined) expect(flat).toEqual(accepted(library, values));
        }),
        { seed: SEED, numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );
});

it.each(Object.entries(LIBRARY_WRONG))(
  'json-schema-merge-allof is still wrong about %s',
  (_, [allOf, value]) => {
    expect(accepted(byLibrary(allOf), [value])).not.toEqual(accepted({ allOf }, [value]));
  },
);

describe('combining schemas of all keywords', () => {
  const any = schemas(Object.keys(RULES));
  /** Without keywords that are compared as a whole, where another notation is a change. */
  const whole = ['properties by pattern', 'whole keywords', 'what nothing else evaluates'];
  const comparable = schemas(Object.keys(RULES).filter((rule) => !whole.includes(rule)));
  const small = schemas(Object.keys(RULES), 1);

  it(
    'accepts an instance if and only if every part accepts it',
    () => {
      fc.assert(
        fc.property(
          fc.array(any, { minLength: 1, maxLength: 3 }),
          any,
          VALUES,
          (allOf, own, all) => {
            const schema = { ...own, allOf };
            const flat = schemaOf(flatten(nodeOf(schema)));
            expect(accepted(flat, all)).toEqual(accepted(schema, all));
          },
        ),
        { seed: SEED, numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  it(
    'merges two flattened schemas to the schema of both',
    () => {
      fc.assert(
        fc.property(any, any, VALUES, (a, b, all) => {
          const flat = schemaOf(merged(flatten(nodeOf(a)), flatten(nodeOf(b))));
          expect(accepted(flat, all)).toEqual(accepted({ allOf: [a, b] }, all));
        }),
        { seed: SEED, numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  it(
    'is compatible with the combination that is written out, in both directions',
    () => {
      fc.assert(
        fc.property(fc.array(comparable, { minLength: 2, maxLength: 3 }), (allOf) => {
          const [combined, written] = [{ allOf }, schemaOf(flatten(nodeOf({ allOf })))].map(nodeOf);
          if (combined === undefined || written === undefined) throw new Error('two schemas');
          expect(incompatibilities(combined, written, { open: false }, 'the body')).toEqual([]);
          expect(incompatibilities(written, combined, { open: false }, 'the body')).toEqual([]);
        }),
        { seed: SEED, numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  it(
    'finds every instance that is sent and not accepted',
    () => {
      fc.assert(
        fc.property(any, small, small, VALUES, (base, more, other, all) => {
          const [sent, takes] = [
            { ...base, ...more },
            { ...base, ...other },
          ];
          const sender = nodeOf(sent);
          const found = incompatibilities(nodeOf(takes), sender, { open: false }, 'the body');
          if (found.length > 0) return;
          const { properties, additional } = flatten(sender);
          // A sender sends the properties that its schema names, and others if it describes them.
          const isSent = (value: unknown): boolean =>
            !isJson(value) ||
            isJson(additional?.json) ||
            Object.keys(value).every((name) => properties.has(name));
          const instances = accepted(sent, all.filter(isSent));
          expect(accepted(takes, instances)).toEqual(instances);
        }),
        { seed: SEED, numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );
});
