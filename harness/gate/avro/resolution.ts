import type { AvroProblem } from './problem.ts';
import {
  type AvroEnum,
  type AvroField,
  type AvroNode,
  type AvroPrimitive,
  type AvroRecord,
  type Logical,
  simpleName,
  typeName,
} from './schema.ts';

/** `backward`: the new reader, old data. `forward`: a reader that runs today, new data. */
export type Direction = 'backward' | 'forward';

/** Promotions of the specification that keep every value. */
const WIDENS: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'double'],
  float: ['double'],
  string: ['bytes'],
};
/** Promotions of the specification that registries accept and that change values. */
const LOSES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  int: { float: 'whole numbers above 2^24 are rounded' },
  long: { float: 'whole numbers above 2^24 are rounded', double: 'above 2^53 they are rounded' },
  bytes: { string: 'bytes that are not UTF-8 are replaced' },
};

/**
 * Why `reader` cannot read what `writer` writes, by the rules of schema resolution, and where a
 * value would change. Empty: it can.
 */
export function readProblems(
  reader: AvroNode,
  writer: AvroNode,
  direction: Direction,
  names: Names = 'unqualified',
): AvroProblem[] {
  return new Resolution(direction, names).resolve(reader, writer, 'the message');
}

/** How a reader matches the names of types: the specification ignores namespaces. */
export type Names = 'unqualified' | 'full';

class Resolution {
  readonly #isNew: boolean;
  readonly #names: Names;
  /** Pairs that are started or done: a record may contain itself. */
  readonly #visited = new Map<AvroNode, Set<AvroNode>>();

  constructor(direction: Direction, names: Names) {
    this.#isNew = direction === 'forward';
    this.#names = names;
  }

  resolve(reader: AvroNode, writer: AvroNode, place: string): AvroProblem[] {
    const done = this.#visited.get(reader) ?? new Set<AvroNode>();
    if (done.has(writer)) return [];
    this.#visited.set(reader, done.add(writer));
    if (writer.kind === 'union') return this.#writtenUnion(reader, writer.branches, place);
    if (reader.kind === 'union') {
      const branch = matching(reader.branches, writer, this.#names);
      return branch === undefined
        ? [branchProblem(writer, place, this.#isNew)]
        : this.resolve(branch, writer, place);
    }
    if (reader.kind === 'primitive' && writer.kind === 'primitive') {
      return this.#primitive(reader, writer, place);
    }
    if (reader.kind === 'record' && writer.kind === 'record') {
      return this.#record(reader, writer, place);
    }
    if (reader.kind === 'enum' && writer.kind === 'enum') return this.#enum(reader, writer, place);
    if (reader.kind === 'fixed' && writer.kind === 'fixed') {
      if (!sameName(reader, writer, this.#names)) return [this.#name(reader, writer, place)];
      if (reader.size !== writer.size) return [this.#type(reader, writer, place)];
      return this.#logical(reader, writer, reader.logical, writer.logical, place);
    }
    if (
      (reader.kind === 'array' || reader.kind === 'map') &&
      (writer.kind === 'array' || writer.kind === 'map') &&
      reader.kind === writer.kind
    ) {
      return this.resolve(reader.items, writer.items, `an item of ${place}`);
    }
    return [this.#type(reader, writer, place)];
  }

  #writtenUnion(reader: AvroNode, branches: readonly AvroNode[], place: string): AvroProblem[] {
    return branches.flatMap((branch) => {
      if (reader.kind === 'union') {
        const match = matching(reader.branches, branch, this.#names);
        return match === undefined
          ? [branchProblem(branch, place, this.#isNew)]
          : this.resolve(match, branch, place);
      }
      return canMatch(reader, branch, this.#names)
        ? this.resolve(reader, branch, place)
        : [branchProblem(branch, place, this.#isNew)];
    });
  }

  #record(reader: AvroRecord, writer: AvroRecord, place: string): AvroProblem[] {
    if (!sameName(reader, writer, this.#names)) return [this.#name(reader, writer, place)];
    return reader.fields.flatMap((field) => {
      const written = writtenField(field, writer);
      if (written !== undefined) {
        return this.resolve(field.type, written.type, `field "${field.name}"`);
      }
      return field.hasDefault ? [] : [this.#missing(field, writer)];
    });
  }

  #missing(field: AvroField, writer: AvroRecord): AvroProblem {
    const record = simpleName(writer.fullName);
    return this.#isNew
      ? {
          rule: 'avro/field-removed',
          what: `field "${field.name}" of ${record} is gone, and readers need it`,
          path: writer.path,
          in: 'writer',
          fix: `keep "${field.name}"; remove it once every reader's schema has a default for it`,
        }
      : {
          rule: 'avro/field-required',
          what: `field "${field.name}" of ${record} became required`,
          path: field.path,
          in: 'reader',
          fix: `give "${field.name}" a default`,
        };
  }

  #enum(reader: AvroEnum, writer: AvroEnum, place: string): AvroProblem[] {
    if (!sameName(reader, writer, this.#names)) return [this.#name(reader, writer, place)];
    const unknown = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol));
    if (unknown.length === 0 || reader.default !== undefined) return [];
    const symbols = unknown.map((symbol) => `"${symbol}"`).join(', ');
    const name = simpleName(reader.fullName);
    return [
      this.#isNew
        ? {
            rule: 'avro/enum-symbol-added',
            what: `symbol ${symbols} of ${name} is new, and the enum of readers has no default`,
            path: writer.path,
            in: 'writer',
            fix: `first deploy readers whose ${name} has a "default"; a default of the field is not enough`,
          }
        : {
            rule: 'avro/enum-symbol-removed',
            what: `symbol ${symbols} of ${name} is gone, and stored messages have it`,
            path: reader.path,
            in: 'reader',
            fix: `keep the symbol, or give ${name} a "default"`,
          },
    ];
  }

  #primitive(reader: AvroPrimitive, writer: AvroPrimitive, place: string): AvroProblem[] {
    if (reader.type === writer.type || WIDENS[writer.type]?.includes(reader.type)) {
      return this.#logical(reader, writer, reader.logical, writer.logical, place);
    }
    const loss = LOSES[writer.type]?.[reader.type];
    if (loss === undefined) return [this.#type(reader, writer, place)];
    return [
      {
        ...this.#type(reader, writer, place),
        rule: 'avro/promotion-loses',
        what: `${place} goes from ${writer.type} to ${reader.type}: ${loss}`,
      },
    ];
  }

  /** Resolution ignores logical types, so a value may change. */
  #logical(
    reader: AvroNode,
    writer: AvroNode,
    read: Logical | undefined,
    written: Logical | undefined,
    place: string,
  ): AvroProblem[] {
    const change = meaningChange(read, written);
    if (change === undefined) return [];
    const type = this.#type(reader, writer, place);
    return [{ ...type, rule: 'avro/logical-type-changed', what: `${place} ${change}` }];
  }

  #type(reader: AvroNode, writer: AvroNode, place: string): AvroProblem {
    const isNew = this.#isNew;
    const [from, to] = isNew ? [reader, writer] : [writer, reader];
    return {
      rule: 'avro/type-changed',
      what: `${place} went from ${typeName(from)} to ${typeName(to)}`,
      path: to.path,
      in: isNew ? 'writer' : 'reader',
      fix: 'add a field of the new type with a default, and keep the old one until no reader needs it',
    };
  }

  #name(reader: AvroNode, writer: AvroNode, place: string): AvroProblem {
    const [from, to] = this.#isNew ? [reader, writer] : [writer, reader];
    const [old, now] = [from, to].map((node) => ('fullName' in node ? node.fullName : ''));
    return {
      rule: 'avro/name-changed',
      what: `the type of ${place} was renamed from ${old} to ${now}`,
      path: to.path,
      in: this.#isNew ? 'writer' : 'reader',
      fix: `keep the name and namespace ${old}; an alias helps new readers only`,
    };
  }
}

function branchProblem(branch: AvroNode, place: string, isNew: boolean): AvroProblem {
  const name = typeName(branch);
  return isNew
    ? {
        rule: 'avro/union-branch-added',
        what: `${place} may now be ${name}, which readers do not know`,
        path: branch.path,
        in: 'writer',
        fix: `deploy readers that know ${name} before it is written (mode BACKWARD for the subject), or use a new topic`,
      }
    : {
        rule: 'avro/union-branch-removed',
        what: `${place} can no longer be ${name}, and kept messages are`,
        path: branch.path,
        in: 'writer',
        fix: `keep the branch ${name} while the topic has such messages`,
      };
}

function writtenField(field: AvroField, writer: AvroRecord): AvroField | undefined {
  return (
    writer.fields.find(({ name }) => name === field.name) ??
    writer.fields.find(({ name }) => field.aliases.includes(name))
  );
}

/** The reader's branch for what was written: of the same type before one that it widens to. */
function matching(
  branches: readonly AvroNode[],
  writer: AvroNode,
  names: Names,
): AvroNode | undefined {
  return (
    branches.find((branch) => isSame(branch, writer, 'full')) ??
    branches.find((branch) => isSame(branch, writer, names)) ??
    branches.find((branch) => canMatch(branch, writer, names))
  );
}

function isSame(reader: AvroNode, writer: AvroNode, names: Names): boolean {
  if (reader.kind === 'primitive' && writer.kind === 'primitive') {
    return reader.type === writer.type;
  }
  if ('fullName' in reader && 'fullName' in writer) {
    return reader.kind === writer.kind && sameName(reader, writer, names);
  }
  return reader.kind === writer.kind;
}

function canMatch(reader: AvroNode, writer: AvroNode, names: Names): boolean {
  if (isSame(reader, writer, names)) return true;
  if (reader.kind !== 'primitive' || writer.kind !== 'primitive') return false;
  const widens = WIDENS[writer.type]?.includes(reader.type) ?? false;
  return widens || LOSES[writer.type]?.[reader.type] !== undefined;
}

const sameName = (
  reader: { readonly fullName: string; readonly aliases: readonly string[] },
  writer: { readonly fullName: string },
  names: Names,
): boolean =>
  reader.fullName === writer.fullName ||
  reader.aliases.includes(writer.fullName) ||
  (names === 'unqualified' && simpleName(reader.fullName) === simpleName(writer.fullName));

/** Types whose number or bytes mean something else under another logical type. */
const SCALED = /^(date|(timestamp|local-timestamp|time)-(millis|micros|nanos))$/;

function meaningChange(read?: Logical, written?: Logical): string | undefined {
  const [from, to] = [written?.name ?? 'none', read?.name ?? 'none'];
  if (from === to) {
    return from === 'decimal' && read?.scale !== written?.scale
      ? `went from scale ${written?.scale} to ${read?.scale}: every amount changes`
      : undefined;
  }
  if (SCALED.test(from) && SCALED.test(to))
    return `went from ${from} to ${to}: every value changes`;
  if (from === 'decimal' || to === 'decimal') return `went from ${from} to ${to}`;
  if (to === 'uuid') return 'must now be a UUID, and any text was allowed';
  return undefined;
}
