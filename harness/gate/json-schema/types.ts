import { isDeepStrictEqual } from 'node:util';
import { type Flat, type JsonType, TYPES } from './flat.ts';
import type { Incompatibility } from './incompatibility.ts';

/** Whether what is sent can be of a type. */
export const mayBe = ({ types }: Flat, type: JsonType): boolean =>
  types === undefined || types.has(type) || (type === 'number' && types.has('integer'));

/** Types that may be sent and are not taken. */
export function typeProblems(to: Flat, sender: Flat, place: string): Incompatibility[] {
  const { types } = to;
  if (types === undefined) return [];
  const refused = [...(sender.types ?? TYPES)].filter(
    (type) => !types.has(type) && !(type === 'integer' && types.has('number')),
  );
  if (refused.length === 0) return [];
  const taken = [...types].join(' or ');
  const sent = sender.types === undefined ? 'anything' : refused.join(' or ');
  return [
    {
      rule: 'type',
      what: `${place} may be ${sent}, and only ${taken} is taken`,
      path: to.path,
      in: 'receiver',
      certain: true,
    },
  ];
}

/** Whether a closed set of values has everything that is sent: booleans and null can be. */
export function covers(values: readonly unknown[], { types }: Flat): boolean {
  if (types === undefined) return false;
  return [...types].every((type) => {
    if (type === 'null') return values.includes(null);
    return type === 'boolean' && values.includes(true) && values.includes(false);
  });
}

/** Keywords that cannot be compared: equal, or undecidable. */
export function opaqueProblems(to: Flat, sender: Flat, place: string): Incompatibility[] {
  return [...to.opaque].flatMap(([keyword, values]) => {
    const known = sender.opaque.get(keyword) ?? [];
    if (values.every((value) => known.some((other) => isDeepStrictEqual(other, value)))) return [];
    return [
      {
        rule: 'undecidable',
        what: `"${keyword}" of ${place} has changed, and it is undecidable whether that narrows it`,
        path: to.path,
        in: 'receiver' as const,
        certain: false,
      },
    ];
  });
}

/** Whether a value is of one of the types. */
export function hasType(value: unknown, types: ReadonlySet<JsonType> | undefined): boolean {
  if (types === undefined) return true;
  if (value === null) return types.has('null');
  if (Array.isArray(value)) return types.has('array');
  if (typeof value === 'number') {
    return types.has('number') || (types.has('integer') && Number.isInteger(value));
  }
  const type = typeof value;
  return [...types].some((known) => known === type);
}

/** What is sent, in a sentence. */
export const nameOf = ({ types }: Flat): string =>
  types === undefined ? 'anything' : [...types].join(' or ');
