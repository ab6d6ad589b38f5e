import type { DescField, DescMessage, FileRegistry } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';

/** Why two versions of a message misread each other, in bytes or in JSON. */
export interface WireProblem {
  readonly rule: string;
  /** Full name of the message. */
  readonly message: string;
  /** Of the field in the newer version. */
  readonly field: string;
  readonly what: string;
  readonly fix: string;
}

/**
 * What Buf's WIRE_JSON does not see: types that share an encoding and not its values, and fields
 * that exclude each other now and did not before. Every message that both versions have.
 */
export function wireProblems(before: FileRegistry, after: FileRegistry): WireProblem[] {
  const problems: WireProblem[] = [];
  for (const type of after) {
    if (type.kind !== 'message') continue;
    const old = before.getMessage(type.typeName);
    if (old !== undefined) problems.push(...messageProblems(old, type));
  }
  return problems;
}

/**
 * True when bytes and JSON of the one type are bytes and JSON of the other, whatever they are
 * called: every field of either is a field of the other or is reserved there.
 */
export function sameOnTheWire(
  old: DescMessage,
  now: DescMessage,
  visited = new Set<string>(),
): boolean {
  const pair = `${old.typeName} ${now.typeName}`;
  if (visited.has(pair)) return true;
  visited.add(pair);
  const numbers = new Set(now.fields.map(({ number }) => number));
  if (old.fields.some(({ number }) => !numbers.has(number))) return false;
  if (exclusions(old, now).length > 0) return false;
  return old.fields.every((field) => {
    const next = now.fields.find(({ number }) => number === field.number);
    return (
      next !== undefined &&
      next.jsonName === field.jsonName &&
      next.fieldKind === field.fieldKind &&
      typeChange(field, next, visited) === undefined
    );
  });
}

function messageProblems(old: DescMessage, now: DescMessage): WireProblem[] {
  const changed = now.fields.flatMap((field) => {
    const was = old.fields.find(({ number }) => number === field.number);
    if (was === undefined || was.fieldKind !== field.fieldKind) return [];
    const change = typeChange(was, field, new Set());
    if (change === undefined) return [];
    return [
      {
        rule: 'protobuf/field-type-changed',
        message: now.typeName,
        field: field.name,
        what: `field "${field.name}" of ${now.name} went from ${change.from} to ${change.to}, and not every value survives it`,
        fix: `reserve number ${field.number}, and add a field of the new type with another number`,
      },
    ];
  });
  return [...changed, ...exclusions(old, now)];
}

interface TypeChange {
  readonly from: string;
  readonly to: string;
}

function typeChange(was: DescField, field: DescField, seen: Set<string>): TypeChange | undefined {
  const [from, to] = [typeOf(was), typeOf(field)];
  if (from === to) return undefined;
  if (was.message !== undefined && field.message !== undefined) {
    return sameOnTheWire(was.message, field.message, seen) ? undefined : { from, to };
  }
  if (was.enum !== undefined && field.enum !== undefined) {
    const values = new Map(field.enum.values.map(({ number, name }) => [number, name]));
    const same = was.enum.values.every(({ number, name }) => values.get(number) === name);
    return same ? undefined : { from, to };
  }
  return { from, to };
}

function typeOf(field: DescField): string {
  const key = field.fieldKind === 'map' ? `map of ${ScalarType[field.mapKey]} to ` : '';
  const type =
    field.message?.typeName ?? field.enum?.typeName ?? ScalarType[field.scalar ?? 0] ?? 'unknown';
  return `${key}${field.scalar === undefined ? type : type.toLowerCase()}`;
}

/**
 * Fields that could be set at once on one side, and of which only the last survives on the other.
 */
function exclusions(old: DescMessage, now: DescMessage): WireProblem[] {
  return [...newlyExclusive(old, now), ...newlyExclusive(now, old)].filter(
    (problem, index, all) => all.findIndex(({ what }) => what === problem.what) === index,
  );
}

function newlyExclusive(free: DescMessage, bound: DescMessage): WireProblem[] {
  return bound.oneofs.flatMap((oneof) => {
    const known = oneof.fields.flatMap((field) => {
      const other = free.fields.find(({ number }) => number === field.number);
      return other === undefined ? [] : [{ name: field.name, oneof: other.oneof?.name }];
    });
    const apart =
      known.length > 1 &&
      known.some(({ oneof: group }) => group === undefined || group !== known[0]?.oneof);
    if (!apart) return [];
    const names = known.map(({ name }) => `"${name}"`).join(', ');
    return [
      {
        rule: 'protobuf/oneof-changed',
        message: bound.typeName,
        field: known[0]?.name ?? '',
        what: `fields ${names} of ${bound.name} exclude each other in one version only (oneof ${oneof.name})`,
        fix: 'leave the fields where they are; a new oneof may hold one old field at most',
      },
    ];
  });
}
