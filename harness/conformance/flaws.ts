import {
  clone,
  create,
  type DescField,
  type DescMessage,
  type Message,
  ScalarType,
} from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import type { ErrorCode } from '#contracts/spec/errors/registry.ts';
import { type FieldRule, REQUEST_RULES } from '#contracts/spec/rpc-rules.ts';

/** A request that breaks one rule, and what it has to be refused with. */
export interface Flaw {
  /** `missing lines[0].sku`, `bad address.country: "jp"`. */
  readonly what: string;
  readonly code: ErrorCode;
  readonly request: Message;
}

/** How much of a bad value is shown. */
const SHOWN_CHARS_MAX = 24;

type Fields = Record<string, unknown>;
/** Where a field is, from the request's root: local names and places in lists. */
type Path = ReadonlyArray<string | number>;

/**
 * Every way in which the rules say that a request of this type can be wrong, each applied to the
 * valid request.
 *
 * @throws when a field has no rule, so its valid values are not defined
 */
export function flawsOf<D extends DescMessage>(type: D, valid: Message): Flaw[] {
  return flawsWithin(type, [], '').map(({ what, code, path, value }) => {
    const request = clone(type, valid as never) as Message;
    setAt(request as unknown as Fields, path, value);
    return { what, code, request };
  });
}

interface Change {
  readonly what: string;
  readonly code: ErrorCode;
  readonly path: Path;
  readonly value: unknown;
}

function flawsWithin(type: DescMessage, at: Path, shown: string): Change[] {
  return type.fields.flatMap((field) => {
    const rule = REQUEST_RULES[type.typeName]?.[field.name];
    if (rule === undefined) throw new Error(`${type.typeName}.${field.name} has no rule`);
    const path = [...at, field.localName];
    const name = shown === '' ? field.name : `${shown}.${field.name}`;
    const code = rule.code ?? 'invalid-request';
    const own = badValues(rule, field).map(({ how, value }) => ({
      what: value === absent ? `missing ${name}` : `bad ${name}: ${how}`,
      code,
      path,
      value: value === absent ? nothing(field) : value,
    }));
    return [...own, ...flawsOfParts(field, path, name)];
  });
}

function flawsOfParts(field: DescField, path: Path, name: string): Change[] {
  if (field.fieldKind === 'message') return flawsWithin(field.message, path, name);
  if (field.fieldKind === 'list' && field.listKind === 'message') {
    return flawsWithin(field.message, [...path, 0], `${name}[0]`);
  }
  return [];
}

/** Stands for the field's not being there. */
const absent = Symbol('absent');

interface BadValue {
  readonly how: string;
  readonly value: unknown;
}

function badValues(rule: FieldRule, field: DescField): BadValue[] {
  const missing: BadValue = { how: '', value: absent };
  switch (rule.form) {
    case 'uuid':
      return [missing, text('not-a-uuid'), text('0199d1c2-0000-7000-8000-00000000000')];
    case 'text':
      return rule.charsMax === undefined
        ? [missing]
        : [missing, text('x'.repeat(rule.charsMax + 1))];
    case 'pattern':
      return [...(rule.optional ? [] : [missing]), ...rule.not.map(text)];
    case 'number':
      return badNumbers(rule, field);
    case 'member':
      return [missing, { how: '99', value: 99 }];
    case 'part':
      return [missing];
    case 'list':
      return [missing, { how: `${rule.max + 1} of them`, value: { times: rule.max + 1 } }];
    case 'free':
      return [];
    default:
      return rule satisfies never;
  }
}

function badNumbers(rule: { readonly min: number; readonly max?: number }, field: DescField) {
  const wide = field.fieldKind === 'scalar' && field.scalar === ScalarType.INT64;
  const number = (value: number): BadValue => ({
    how: String(value),
    value: wide ? BigInt(value) : value,
  });
  return [
    ...(rule.min > 0 ? [{ how: '', value: absent }] : []),
    number(Math.min(rule.min - 1, -1)),
    ...(rule.max === undefined ? [] : [number(rule.max + 1)]),
  ];
}

const text = (value: string): BadValue => ({
  how: JSON.stringify(
    value.length > SHOWN_CHARS_MAX ? `${value.slice(0, SHOWN_CHARS_MAX)}…` : value,
  ),
  value,
});

/** What a field holds that was not sent. */
function nothing(field: DescField): unknown {
  if (field.fieldKind === 'message') return undefined;
  const empty = create(field.parent) as unknown as Fields;
  return empty[field.localName];
}

function setAt(root: Fields, path: Path, value: unknown): void {
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((at, key) => (at as Fields)[key], root) as Fields;
  const last = path.at(-1) as string;
  const times = (value as { times?: number } | undefined)?.times;
  if (times === undefined) parent[last] = value;
  else parent[last] = Array.from({ length: times }, () => (parent[last] as unknown[])[0]);
}

/** Field numbers that no schema of ours has, one for each kind of value on the wire. */
const UNKNOWN = [
  { no: 18_001, wireType: WireType.Varint, data: Uint8Array.of(7) },
  { no: 18_002, wireType: WireType.Bit64, data: new Uint8Array(8).fill(1) },
  { no: 18_003, wireType: WireType.LengthDelimited, data: Uint8Array.of(3, 97, 98, 99) },
  { no: 18_004, wireType: WireType.Bit32, data: new Uint8Array(4).fill(1) },
];

/** The same request as a newer client sends it: with unknown fields, also in nested messages. */
export function withUnknownFields(type: DescMessage, valid: Message): Message {
  const request = clone(type, valid as never) as Message;
  addUnknown(type, request);
  return request;
}

function addUnknown(type: DescMessage, message: Message): void {
  message.$unknown = [...UNKNOWN];
  for (const field of type.fields) {
    const value = (message as unknown as Fields)[field.localName];
    if (field.fieldKind === 'message' && value !== undefined) {
      addUnknown(field.message, value as Message);
    } else if (field.fieldKind === 'list' && field.listKind === 'message') {
      for (const item of value as Message[]) addUnknown(field.message, item);
    }
  }
}
