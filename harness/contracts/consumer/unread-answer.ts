import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { fieldPaths } from '../../pacts/field-paths.ts';
import { at, type Path, replacedAt } from './leaves.ts';

const TIMESTAMP = 'google.protobuf.Timestamp';
const LATER = '2027-03-04T05:06:07.089Z';
/** Deepest nesting of messages; no message of this repository comes near it. */
const DEPTH_MAX = 6;

/** An answer with something in a field in which the contract's has nothing. */
export interface Enlarged {
  /** The answer, in protobuf JSON. */
  readonly message: unknown;
  /** What it has more, as coverage writes it. */
  readonly fields: readonly string[];
}

/** The contract's answer, enlarged in turn by each field that is not in it. */
export function enlargedAnswers(output: DescMessage, message: unknown): Enlarged[] {
  const before = fieldPaths(message, 'answer');
  return absentFields(output, message ?? {}, []).map(({ path, sample }) => {
    const enlarged = replacedAt(message ?? {}, path, sample);
    const fields = [...fieldPaths(enlarged, 'answer')].filter((path) => !before.has(path));
    return { message: enlarged, fields };
  });
}

interface Absent {
  readonly path: Path;
  readonly sample: unknown;
}

function absentFields(type: DescMessage, message: unknown, path: Path): Absent[] {
  return type.fields.flatMap((field) => {
    const inner = [...path, field.jsonName];
    const value = at(message, inner);
    if (value === undefined || (Array.isArray(value) && value.length === 0)) {
      return [{ path: inner, sample: sampleOf(field, 0) }];
    }
    const of = messageOf(field);
    if (of === undefined) return [];
    if (!Array.isArray(value)) return absentFields(of, message, inner);
    return value.flatMap((_, index) => absentFields(of, message, [...inner, index]));
  });
}

/** The message type of a field whose fields can be looked into. */
function messageOf(field: DescField): DescMessage | undefined {
  const isMessage =
    field.fieldKind === 'message' || (field.fieldKind === 'list' && field.listKind === 'message');
  return isMessage && field.message?.typeName !== TIMESTAMP ? field.message : undefined;
}

/** A value in protobuf JSON that is not the one that an absent field has. */
function sampleOf(field: DescField, depth: number): unknown {
  if (field.fieldKind === 'list') return [sampleOfOne(field, depth)];
  if (field.fieldKind === 'map') throw new Error(`${field.toString()}: no contract has a map yet`);
  return sampleOfOne(field, depth);
}

function sampleOfOne(field: DescField, depth: number): unknown {
  if (field.message !== undefined) {
    if (field.message.typeName === TIMESTAMP) return LATER;
    if (depth > DEPTH_MAX) return {};
    const fields = field.message.fields.map((inner) => [
      inner.jsonName,
      sampleOf(inner, depth + 1),
    ]);
    return Object.fromEntries(fields);
  }
  if (field.enum !== undefined) return field.enum.values.at(-1)?.name;
  switch (field.scalar) {
    case ScalarType.STRING:
      return 'something else';
    case ScalarType.BOOL:
      return true;
    case ScalarType.BYTES:
      return 'AQ==';
    default:
      return 1;
  }
}
