import { isJson, type Json } from './document.ts';
import { exampleTexts, matchesText } from './patterns.ts';

const SEED = 20_261_129;
const SAMPLES = 160;
const DEPTH_MAX = 5;
const PATTERN_TEXTS = 4;

/** What the other side's schema mentions: values at the edges of what it accepts. */
export interface Hints {
  readonly names: readonly string[];
  readonly values: readonly unknown[];
}

/** Names, values and edges in a schema. */
export function hintsOf(schema: unknown): Hints {
  const names = new Set<string>();
  const values = new Set<unknown>();
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) for (const item of part) visit(item);
    if (!isJson(part)) return;
    for (const name of Object.keys(objectOf(part, 'properties'))) names.add(name);
    for (const pattern of Object.keys(objectOf(part, 'patternProperties'))) {
      for (const name of exampleTexts(pattern, 1)) names.add(name);
    }
    for (const value of [part['const'], part['enum']].flat()) values.add(value);
    for (const edge of [part['minimum'], part['maximum']]) {
      if (typeof edge === 'number') for (const step of [-1, 0, 1]) values.add(edge + step);
    }
    for (const own of Object.values(part)) visit(own);
  };
  visit(schema);
  values.delete(undefined);
  return { names: [...names], values: [...values] };
}

/**
 * Values that a sender of a schema may send, most of them valid: properties that it names, and
 * others where it describes them. The same schema gives the same values.
 */
export function samplesOf(schema: unknown, hints: Hints): unknown[] {
  const sampler = new Sampler(hints);
  const samples = new Map<string, unknown>();
  for (let index = 0; index < SAMPLES; index += 1) {
    const value = sampler.sample(schema, 0);
    samples.set(JSON.stringify(value) ?? '', value);
  }
  return [...samples.values()];
}

const objectOf = (schema: Json, keyword: string): Json => {
  const found = schema[keyword];
  return isJson(found) ? found : {};
};
const listOf = (schema: Json, keyword: string): unknown[] => {
  const found = schema[keyword];
  return Array.isArray(found) ? found : [];
};

const ANY: readonly unknown[] = ['text', 0, 1.5, true, null, {}, []];
const FORMATS: Readonly<Record<string, string>> = {
  uuid: '018f3c1e-7b2a-7c3d-8e4f-5a6b7c8d9e0f',
  'date-time': '2026-11-22T10:00:00Z',
  date: '2026-11-22',
  time: '10:00:00Z',
  uri: 'https://example.org/a',
  'uri-reference': '/a/b',
  email: 'ada@example.org',
  hostname: 'example.org',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
};

class Sampler {
  readonly #hints: Hints;
  #state = SEED;

  constructor(hints: Hints) {
    this.#hints = hints;
  }

  sample(schema: unknown, depth: number): unknown {
    if (!isJson(schema)) return this.#pick(ANY);
    if ('const' in schema) return schema['const'];
    const { allOf, anyOf, oneOf, if: _, then: __, else: ___, ...own } = schema;
    const chosen = [anyOf, oneOf].filter(Array.isArray).map((all: unknown[]) => this.#pick(all));
    const parts = [...(Array.isArray(allOf) ? allOf : []), ...chosen, ...this.#conditional(schema)];
    if (parts.length > 0) {
      const all = [...parts, own].filter((part) => isJson(part) && Object.keys(part).length > 0);
      const typed = all.find((part): part is Json => isJson(part) && 'type' in part);
      const same = typed === undefined ? {} : { type: typed['type'] };
      return joined(all.map((part) => this.sample({ ...same, ...(part as Json) }, depth)));
    }
    if (Array.isArray(schema['enum'])) return this.#pick(schema['enum']);
    const { type } = schema;
    const named = Array.isArray(type) ? this.#pick(type) : (type ?? typeFrom(schema));
    return this.#typed(String(named), schema, depth);
  }

  #random(): number {
    // A linear congruential generator: the quality of its numbers does not matter here.
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)] as T;
  }

  #conditional(schema: Json): unknown[] {
    const met = this.#random() < 0.5 ? [schema['if'], schema['then']] : [schema['else']];
    const dependent = Object.values(objectOf(schema, 'dependentSchemas'));
    return [...met, ...dependent.filter(() => this.#random() < 0.5)].filter(isJson);
  }

  #typed(type: string, schema: Json, depth: number): unknown {
    const kind = type === 'integer' ? 'number' : type;
    const known = this.#hints.values.filter((value) => typeof value === kind);
    if (known.length > 0 && this.#random() < 0.3) return this.#pick(known);
    switch (type) {
      case 'null':
        return null;
      case 'boolean':
        return this.#random() < 0.5;
      case 'integer':
        return Math.round(this.#pick(numbersOf(schema)));
      case 'number':
        return this.#pick([...numbersOf(schema), 0.5]);
      case 'string':
        return this.#pick(textsOf(schema));
      case 'array':
        return this.#array(schema, depth);
      default:
        return this.#object(schema, depth);
    }
  }

  #array(schema: Json, depth: number): unknown[] {
    const fixed = listOf(schema, 'prefixItems');
    const rest = schema['items'];
    const least = Number(schema['minItems'] ?? 0);
    const most = Number(schema['maxItems'] ?? Math.max(least, fixed.length) + 3);
    const wanted = 'contains' in schema ? Number(schema['minContains'] ?? 1) : 0;
    const longest = rest === false ? fixed.length : Math.min(most, least + 3 + wanted);
    const length = depth > DEPTH_MAX ? least : this.#pick([least, fixed.length, longest, most]);
    return Array.from({ length: Math.min(Math.max(length, wanted), least + 20) }, (_, index) => {
      const own = index < fixed.length ? fixed[index] : rest;
      const isWanted = 'contains' in schema && this.#random() < 0.6;
      return this.sample(isWanted ? schema['contains'] : own, depth + 1);
    });
  }

  #object(schema: Json, depth: number): Json {
    const required = listOf(schema, 'required').map(String);
    const properties = objectOf(schema, 'properties');
    const value: Record<string, unknown> = {};
    for (const name of new Set([...required, ...Object.keys(properties)])) {
      const isOptional = !required.includes(name);
      if (properties[name] === false) continue;
      if (isOptional && (depth > DEPTH_MAX || this.#random() < 0.4)) continue;
      value[name] = this.sample(properties[name], depth + 1);
    }
    if (depth <= DEPTH_MAX) this.#describe(schema, value, depth);
    return value;
  }

  /** Adds properties that are described without being named. */
  #describe(schema: Json, value: Record<string, unknown>, depth: number): void {
    const properties = objectOf(schema, 'properties');
    const { names } = this.#hints;
    const add = (name: string, own: unknown): void => {
      if (!(name in properties) && own !== false) value[name] = this.sample(own, depth + 1);
    };
    for (const [pattern, own] of Object.entries(objectOf(schema, 'patternProperties'))) {
      const known = names.filter((name) => matchesText(pattern, name));
      const all = [...exampleTexts(pattern, PATTERN_TEXTS), ...known];
      if (all.length > 0 && this.#random() < 0.6) add(this.#pick(all), own);
    }
    const rest = schema['additionalProperties'] ?? schema['unevaluatedProperties'];
    if (rest === undefined || this.#random() < 0.3) return;
    const isAny = rest === true || (isJson(rest) && Object.keys(rest).length === 0);
    // An object that takes anything announces no name.
    add(isAny ? 'another' : this.#pick(['another', ...names]), rest);
  }
}

function joined(parts: readonly unknown[]): unknown {
  if (parts.every(isJson)) return Object.assign({}, ...parts) as unknown;
  const lists = parts.filter(Array.isArray).toSorted((a, b) => b.length - a.length);
  return lists[0] ?? parts.find((part) => !isJson(part)) ?? parts[0];
}

function typeFrom(schema: Json): string {
  const has = (...keywords: string[]): boolean => keywords.some((keyword) => keyword in schema);
  if (has('items', 'prefixItems', 'contains', 'minItems', 'maxItems')) return 'array';
  if (has('pattern', 'maxLength', 'minLength', 'format')) return 'string';
  if (has('minimum', 'maximum', 'multipleOf', 'exclusiveMinimum')) return 'number';
  return 'object';
}

function numbersOf(schema: Json): number[] {
  const number = (keyword: string, shift: number): number[] => {
    const value = schema[keyword];
    return typeof value === 'number' ? [value + shift] : [];
  };
  const step = number('multipleOf', 0)[0] ?? 1;
  return [
    ...number('minimum', 0),
    ...number('maximum', 0),
    ...number('exclusiveMinimum', step),
    ...number('exclusiveMaximum', -step),
    ...[0, step, -step, 3 * step],
  ];
}

function textsOf(schema: Json): string[] {
  const { pattern, format, minLength, maxLength } = schema;
  if (typeof pattern === 'string') {
    const texts = exampleTexts(pattern, PATTERN_TEXTS);
    if (texts.length > 0) return texts;
  }
  const known = typeof format === 'string' ? FORMATS[format] : undefined;
  if (known !== undefined) return [known];
  const least = typeof minLength === 'number' ? minLength : 0;
  const most = typeof maxLength === 'number' ? Math.min(maxLength, 2000) : least + 40;
  return ['x'.repeat(least), 'y'.repeat(most), 'z'.repeat(Math.min(most, least + 3))];
}
