import { GateError } from '../error.ts';
import type { Path } from '../sources/position.ts';

/** An Avro schema with every name resolved, each node with its place in the file. */
export type AvroNode = AvroPrimitive | AvroRecord | AvroEnum | AvroFixed | AvroNested | AvroUnion;

interface Placed {
  readonly path: Path;
}
export interface Logical {
  readonly name: string;
  readonly scale: number;
}
export interface AvroPrimitive extends Placed {
  readonly kind: 'primitive';
  readonly type: string;
  readonly logical?: Logical;
}
export interface AvroField extends Placed {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: AvroNode;
  readonly hasDefault: boolean;
  readonly default: unknown;
}
interface Named extends Placed {
  readonly fullName: string;
  /** Full names. */
  readonly aliases: readonly string[];
}
export interface AvroRecord extends Named {
  readonly kind: 'record';
  readonly fields: AvroField[];
}
export interface AvroEnum extends Named {
  readonly kind: 'enum';
  readonly symbols: readonly string[];
  readonly default?: string;
}
export interface AvroFixed extends Named {
  readonly kind: 'fixed';
  readonly size: number;
  readonly logical?: Logical;
}
export interface AvroNested extends Placed {
  readonly kind: 'array' | 'map';
  readonly items: AvroNode;
}
export interface AvroUnion extends Placed {
  readonly kind: 'union';
  readonly branches: readonly AvroNode[];
}

/** Names of Avro's primitive types. */
export const PRIMITIVES: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);
type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a schema. Throws a {@link GateError} when it is not one.
 *
 * @param file named in the error
 */
export function parseAvro(text: string, file: string): AvroNode {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const reason = (error as Error).message.replaceAll(/\s+/g, ' ');
    throw new GateError(`${file} is not JSON: ${reason}`, {
      file: file.replace(/ \(before\)$/, ''),
    });
  }
  return new Parser(file).node(json, [], undefined);
}

/** The name of a type in messages. */
export function typeName(node: AvroNode): string {
  if (node.kind === 'primitive') return node.logical?.name ?? node.type;
  return 'fullName' in node ? simpleName(node.fullName) : node.kind;
}

export const simpleName = (fullName: string): string =>
  fullName.slice(fullName.lastIndexOf('.') + 1);

class Parser {
  readonly #file: string;
  readonly #named = new Map<string, AvroNode>();

  constructor(file: string) {
    this.#file = file;
  }

  node(json: unknown, path: Path, namespace: string | undefined): AvroNode {
    if (Array.isArray(json)) {
      const branches = json.map((item, index) => this.node(item, [...path, index], namespace));
      return { kind: 'union', branches, path };
    }
    if (typeof json === 'string') return this.#reference(json, path, namespace);
    if (typeof json !== 'object' || json === null) {
      throw this.#error(path, 'a type is a name, a list or an object');
    }
    return this.#object(json as Json, path, namespace);
  }

  #reference(name: string, path: Path, namespace: string | undefined): AvroNode {
    if (PRIMITIVES.has(name)) return { kind: 'primitive', type: name, path };
    const known = this.#named.get(qualified(name, namespace)) ?? this.#named.get(name);
    if (known === undefined) throw this.#error(path, `there is no type "${name}"`);
    return known;
  }

  #object(json: Json, path: Path, namespace: string | undefined): AvroNode {
    const { type } = json;
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(json, path, namespace);
      case 'enum':
        return this.#enum(json, path, namespace);
      case 'fixed':
        return this.#fixed(json, path, namespace);
      case 'array':
        return {
          kind: 'array',
          items: this.node(json['items'], [...path, 'items'], namespace),
          path,
        };
      case 'map':
        return {
          kind: 'map',
          items: this.node(json['values'], [...path, 'values'], namespace),
          path,
        };
      default: {
        const node = this.node(type, path, namespace);
        return node.kind === 'primitive' ? { ...node, ...logicalOf(json), path } : node;
      }
    }
  }

  #record(json: Json, path: Path, namespace: string | undefined): AvroRecord {
    const named = this.#name(json, path, namespace);
    if (!Array.isArray(json['fields'])) throw this.#error(path, 'a record needs "fields"');
    const record: AvroRecord = { kind: 'record', ...named, fields: [] };
    // Known before its fields: a record may contain itself.
    this.#define(record);
    const inner = namespaceOf(named.fullName);
    for (const [index, field] of (json['fields'] as Json[]).entries()) {
      const place = [...path, 'fields', index];
      const name = field?.['name'];
      if (typeof name !== 'string') throw this.#error(place, 'a field needs a "name"');
      record.fields.push({
        name,
        aliases: texts(field['aliases']),
        type: this.node(field['type'], [...place, 'type'], inner),
        hasDefault: 'default' in field,
        default: field['default'],
        path: [...place, 'name'],
      });
    }
    return record;
  }

  #enum(json: Json, path: Path, namespace: string | undefined): AvroEnum {
    const symbols = texts(json['symbols']);
    if (symbols.length === 0) throw this.#error(path, 'an enum needs "symbols"');
    const fallback = json['default'];
    const node: AvroEnum = {
      kind: 'enum',
      ...this.#name(json, path, namespace),
      symbols,
      ...(typeof fallback === 'string' ? { default: fallback } : {}),
    };
    this.#define(node);
    return node;
  }

  #fixed(json: Json, path: Path, namespace: string | undefined): AvroFixed {
    const { size } = json;
    if (typeof size !== 'number') throw this.#error(path, 'a fixed needs a "size"');
    const named = this.#name(json, path, namespace);
    const node: AvroFixed = { kind: 'fixed', ...named, size, ...logicalOf(json) };
    this.#define(node);
    return node;
  }

  #name(json: Json, path: Path, outer: string | undefined): Named {
    const { name, namespace } = json;
    if (typeof name !== 'string') throw this.#error(path, 'a named type needs a "name"');
    const fullName = qualified(name, typeof namespace === 'string' ? namespace : outer);
    const inner = namespaceOf(fullName);
    const aliases = texts(json['aliases']).map((alias) => qualified(alias, inner));
    return { fullName, aliases, path: [...path, 'name'] };
  }

  #define(node: AvroRecord | AvroEnum | AvroFixed): void {
    if (this.#named.has(node.fullName)) {
      throw this.#error(node.path, `"${node.fullName}" is defined twice`);
    }
    this.#named.set(node.fullName, node);
  }

  #error(path: Path, problem: string): GateError {
    return new GateError(`${this.#file} is not an Avro schema: at /${path.join('/')}, ${problem}`, {
      file: this.#file,
    });
  }
}

const qualified = (name: string, namespace: string | undefined): string =>
  name.includes('.') || !namespace ? name : `${namespace}.${name}`;

const namespaceOf = (fullName: string): string | undefined =>
  fullName.includes('.') ? fullName.slice(0, fullName.lastIndexOf('.')) : undefined;

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

function logicalOf(json: Json): { logical?: Logical } {
  const { logicalType, scale } = json;
  if (typeof logicalType !== 'string') return {};
  return { logical: { name: logicalType, scale: typeof scale === 'number' ? scale : 0 } };
}
