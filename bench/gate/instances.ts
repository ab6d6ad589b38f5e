import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { isJson, type Json } from '../../harness/gate/json-schema/document.ts';

const SEED = 20_261_122;
const TRIES = 300;
const STRINGS = 12;
const DEPTH_MAX = 6;
const ANY: readonly unknown[] = ['text', 0, 1.5, true, null, {}, []];
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  uuid: ['018f3c1e-7b2a-7c3d-8e4f-5a6b7c8d9e0f'],
  'date-time': ['2026-11-22T10:00:00Z'],
  date: ['2026-11-22'],
  uri: ['https://example.org/a'],
  'uri-reference': ['/a/b'],
  email: ['ada@example.org'],
};

/** A validator of a schema whose references are written out. */
export function validatorOf(schema: unknown): (value: unknown) => boolean {
  const ajv = new Ajv2020({ strict: false, logger: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema === undefined ? true : (schema as object | boolean));
  return (value) => validate(value) === true;
}

/**
 * Instances that a sender of the schema may send: at the edges of every bound, every member of
 * every set, every optional property there and not; properties that it does not name never.
 */
export function instancesOf(schema: unknown): unknown[] {
  const random = mulberry(SEED);
  const isValid = validatorOf(schema);
  const instances = new Map<string, unknown>();
  for (let index = 0; index < TRIES; index += 1) {
    const value = instance(schema, random, 0);
    const text = JSON.stringify(value);
    if (!instances.has(text) && isValid(value)) instances.set(text, value);
  }
  return [...instances.values()];
}

/** The first instance of what is sent that the receiver's schema refuses. */
export function firstRefused(sender: unknown, receiver: unknown): string | undefined {
  const accepts = validatorOf(receiver);
  const values = instancesOf(sender);
  if (values.length === 0) throw new Error(`no instance of ${JSON.stringify(sender)}`);
  const refused = values.find((value) => !accepts(value));
  return refused === undefined ? undefined : JSON.stringify(refused);
}

type Random = () => number;

/** A small generator of numbers between 0 and 1; the same seed gives the same cases. */
function mulberry(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pick = <T>(values: readonly T[], random: Random): T =>
  values[Math.floor(random() * values.length)] as T;

function instance(schema: unknown, random: Random, depth: number): unknown {
  if (!isJson(schema)) return pick(ANY, random);
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return pick(schema['enum'], random);
  const { allOf, anyOf, oneOf, ...own } = schema;
  if (Array.isArray(allOf)) {
    const rest = { ...own, ...(anyOf ? { anyOf } : {}), ...(oneOf ? { oneOf } : {}) };
    return together([...allOf, rest].map((part) => instance(withType(part, allOf), random, depth)));
  }
  const branches = [anyOf, oneOf].find(Array.isArray);
  if (branches !== undefined && branches.length > 0) {
    return together([pick(branches, random), own].map((part) => instance(part, random, depth)));
  }
  const { type } = schema;
  const named = Array.isArray(type) ? pick(type, random) : (type ?? typeFrom(schema));
  return typed(String(named), schema, random, depth);
}

/** A part of `allOf` that names no type is of its siblings' type. */
function withType(part: unknown, siblings: readonly unknown[]): unknown {
  if (!isJson(part) || 'type' in part) return part;
  const type = siblings.find((other): other is Json => isJson(other) && 'type' in other)?.['type'];
  return type === undefined ? part : { ...part, type };
}

function together(parts: readonly unknown[]): unknown {
  if (parts.every(isJson)) return Object.assign({}, ...parts) as unknown;
  return parts.find((part) => !isJson(part)) ?? parts[0];
}

function typeFrom(schema: Json): string {
  if ('properties' in schema || 'required' in schema) return 'object';
  if ('items' in schema) return 'array';
  if ('pattern' in schema || 'maxLength' in schema || 'format' in schema) return 'string';
  return Object.keys(schema).length === 0 ? 'object' : 'string';
}

function typed(type: string, schema: Json, random: Random, depth: number): unknown {
  switch (type) {
    case 'null':
      return null;
    case 'boolean':
      return random() < 0.5;
    case 'integer':
      return Math.round(pick(numbers(schema), random));
    case 'number':
      return pick([...numbers(schema), 0.5, 1.25], random);
    case 'string':
      return pick(texts(schema), random);
    case 'array': {
      const [least, most] = [Number(schema['minItems'] ?? 0), Number(schema['maxItems'] ?? 4)];
      const length = depth > DEPTH_MAX ? least : pick([least, Math.min(most, least + 3)], random);
      return Array.from({ length }, () => instance(schema['items'], random, depth + 1));
    }
    default:
      return objectOf(schema, random, depth);
  }
}

function objectOf(schema: Json, random: Random, depth: number): Json {
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const properties = isJson(schema['properties']) ? schema['properties'] : {};
  const names = new Set([...required, ...Object.keys(properties)]);
  const value: Record<string, unknown> = {};
  for (const name of names) {
    const optional = !required.includes(name);
    if (optional && (depth > DEPTH_MAX || random() < 0.4)) continue;
    value[name] = instance(properties[name], random, depth + 1);
  }
  const { additionalProperties, propertyNames } = schema;
  if (isJson(additionalProperties)) {
    const key = propertyNames === undefined ? 'key' : String(instance(propertyNames, random, 9));
    value[key] = instance(additionalProperties, random, depth + 1);
  }
  return value;
}

function numbers(schema: Json): number[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const edges = [minimum, maximum].filter((edge): edge is number => typeof edge === 'number');
  if (typeof exclusiveMinimum === 'number') edges.push(exclusiveMinimum + 1);
  if (typeof exclusiveMaximum === 'number') edges.push(exclusiveMaximum - 1);
  const step = typeof multipleOf === 'number' ? multipleOf : 1;
  return [...edges, 0, step, -step, 3 * step, 2 ** 40 * step];
}

function texts(schema: Json): string[] {
  const { pattern, format, minLength, maxLength } = schema;
  if (typeof pattern === 'string') {
    const arbitrary = fc.stringMatching(new RegExp(pattern, 'u'));
    return fc.sample(arbitrary, { seed: SEED, numRuns: STRINGS });
  }
  const known = typeof format === 'string' ? FORMATS[format] : undefined;
  if (known !== undefined) return [...known];
  const least = typeof minLength === 'number' ? minLength : 0;
  const most = typeof maxLength === 'number' ? maxLength : least + 80;
  return ['x'.repeat(least), 'y'.repeat(most), 'z'.repeat(Math.min(most, least + 3))];
}
