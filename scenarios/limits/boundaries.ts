import { SchemaChecks } from '../../harness/documents/json-schema-check.ts';
import { textsAround } from './texts.ts';

/** A document that differs from a valid one in one place, at or next to a limit of its schema. */
export interface Variant {
  /** JSON pointer of the place. */
  readonly where: string;
  readonly what: string;
  readonly value: unknown;
  readonly isValid: boolean;
}

/** As much of JSON Schema as our documents use. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

type Put = (value: unknown) => unknown;

/** A change at one place, before it is known whether the schema allows it. */
type Change = Omit<Variant, 'isValid'>;

/**
 * Derives the variants of a valid document from its schema: every limit at n - 1, n and n + 1, both
 * sides of every border of a character class, every required property left out.
 */
export class Boundaries {
  readonly #document: object;
  readonly #checks: SchemaChecks;

  /** @param document where references lead to */
  constructor(document: object) {
    this.#document = document;
    this.#checks = new SchemaChecks().add('document', document);
  }

  /** @param pointer of the schema in the document: `/components/schemas/PlaceOrder` */
  variants(pointer: string, valid: unknown): Variant[] {
    const flaw = this.#checks.check({ $ref: `document#${pointer}` });
    const wrong = flaw(valid);
    if (wrong !== undefined) throw new Error(`the base of ${pointer} is not valid: ${wrong}`);
    const changes = this.#changes({ $ref: `#${pointer}` }, valid, '', (value) => value);
    return changes.map((change) => ({ ...change, isValid: flaw(change.value) === undefined }));
  }

  /** Variants of a text that is not in a document: a parameter. */
  texts(schema: object, valid: string): Variant[] {
    const found = this.#resolved(schema);
    const flaw = this.#checks.check(found);
    return textsAround(flaw, valid).map(({ what, text }) => ({
      ...{ where: '', what, value: text },
      isValid: flaw(text) === undefined,
    }));
  }

  #resolved(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    const { $ref, ...more } = schema;
    const names = $ref.split('/').slice(1);
    const target = names.reduce<unknown>((at, name) => (at as never)[name], this.#document);
    return { ...this.#resolved(target as Schema), ...more };
  }

  #changes(reference: Schema, value: unknown, where: string, put: Put): Change[] {
    const schema = this.#resolved(reference);
    const change = (what: string, other: unknown) => ({ where, what, value: put(other) });
    const always = [change('null', null), change('an object', { unknown: true })];
    if (schema.const !== undefined || schema.enum !== undefined) {
      const members = schema.enum ?? [schema.const];
      const others = ['', String(value).toUpperCase(), `${value}s`];
      return [...always, ...[...members, ...others].map((one) => change(`${one}`, one))];
    }
    if (Array.isArray(value)) return [...always, ...this.#arrays(schema, value, where, put)];
    if (typeof value === 'object' && value !== null) {
      const fields = value as Readonly<Record<string, unknown>>;
      return [change('null', null), ...this.#objects(schema, fields, where, put)];
    }
    if (typeof value === 'number') {
      const numbers = [...around(schema.minimum), ...around(schema.maximum), 0.5];
      return [...always, change('a text', `${value}`), ...numbers.map((n) => change(`${n}`, n))];
    }
    const texts = textsAround(this.#checks.check(schema), String(value));
    const others = texts.map(({ what, text }) => change(what, text));
    return [...always, change('a number', 7), ...others];
  }

  #arrays(schema: Schema, value: readonly unknown[], where: string, put: Put): Change[] {
    const [first, ...rest] = value;
    const lengths = [...around(schema.minItems), ...around(schema.maxItems)];
    const counts = lengths.map((length) => ({
      where,
      what: `${length} items`,
      value: put(Array.from({ length: Math.max(0, length) }, () => first)),
    }));
    const item = schema.items;
    if (item === undefined) return counts;
    const inFirst = (one: unknown) => put([one, ...rest]);
    return [...counts, ...this.#changes(item, first, `${where}/0`, inFirst)];
  }

  #objects(
    schema: Schema,
    value: Readonly<Record<string, unknown>>,
    where: string,
    put: Put,
  ): Change[] {
    const without = (name: string) =>
      put(Object.fromEntries(Object.entries(value).filter(([key]) => key !== name)));
    const missing = (schema.required ?? []).map((name) => ({
      where: `${where}/${name}`,
      what: 'left out',
      value: without(name),
    }));
    const more = { where, what: 'one more property', value: put({ ...value, unknown: true }) };
    const within = Object.entries(schema.properties ?? {})
      .filter(([name]) => name in value)
      .flatMap(([name, property]) =>
        this.#changes(property, value[name], `${where}/${name}`, (one) =>
          put({ ...value, [name]: one }),
        ),
      );
    return [...missing, more, ...within];
  }
}

/** A limit and its neighbours; none where there is no limit. */
const around = (limit: number | undefined): number[] =>
  limit === undefined ? [] : [limit - 1, limit, limit + 1].filter((n) => n >= -1);
