import { posix } from 'node:path';
import type { Tree } from '../sources/tree.ts';
import { IDL_ENDINGS, protocolOf } from './protocol.ts';
import { PRIMITIVES } from './schema.ts';

type Json = Readonly<Record<string, unknown>>;
interface Definition {
  readonly json: Json;
  readonly namespace: string;
}

/** One schema that a reader or writer uses: a file, or a type of a protocol. */
export interface AvroSubject {
  /** `avro/order.events.avsc`, or `idl/shop.avdl#shop.Order`. */
  readonly id: string;
  readonly file: string;
  /** The schema alone, with every type that it refers to written out. */
  readonly text: string;
  /** Of the type at its root. */
  readonly fullName: string | undefined;
}

const NAMED = new Set(['record', 'error', 'enum', 'fixed']);

/** The Avro schemas of one version of a repository, which refer to each other by name. */
export class AvroLibrary {
  readonly subjects: ReadonlyMap<string, AvroSubject>;
  readonly #definitions = new Map<string, Definition>();
  /** Full names that a schema of another file or type refers to. */
  readonly #referred = new Set<string>();

  /** @param others folders whose types the schemas may refer to */
  constructor(tree: Tree, folder: string, others: readonly string[] = []) {
    for (const file of others.flatMap((other) => tree.list(other, '.avsc'))) {
      this.#define(parsed(tree.read(file) ?? ''), '');
    }
    const schemas = tree.list(folder, '.avsc').map((file) => {
      const text = tree.read(file) ?? '';
      const json = parsed(text);
      if (json !== undefined) this.#define(json, '');
      return { file, text, json };
    });
    const protocols = IDL_ENDINGS.flatMap((ending) => tree.list(folder, ending)).map((file) => ({
      file,
      types: protocolOf(tree, file).types,
    }));
    for (const { types } of protocols) for (const type of types) this.#define(type, '');
    const found: AvroSubject[] = [];
    for (const { file, text, json } of schemas) {
      // A file that is no JSON stays as it is: the comparison reports it.
      const own = json === undefined ? text : this.#written(json, text);
      found.push({ id: file, file, text: own, fullName: rootName(json) });
    }
    for (const { file, types } of protocols) {
      for (const type of types) {
        const fullName = rootName(type);
        const text = this.#written(type, '');
        found.push({ id: `${file}#${fullName}`, file, text, fullName });
      }
    }
    const isRoot = ({ fullName }: AvroSubject): boolean =>
      fullName === undefined || !this.#referred.has(fullName);
    const roots = found.filter(isRoot);
    // Types that only refer to each other have no root: all of them are compared.
    const all = roots.length > 0 ? roots : found;
    this.subjects = new Map(all.map((subject) => [subject.id, subject]));
  }

  /** An earlier text of a file, with what it refers to written out as far as it is known. */
  written(text: string): string {
    const json = parsed(text);
    return json === undefined ? text : this.#written(json, text);
  }

  #define(json: unknown, namespace: string): void {
    walk(json, namespace, (type, inner) => {
      const name = fullNameOf(type, inner);
      if (!this.#definitions.has(name)) {
        this.#definitions.set(name, { json: type, namespace: inner });
      }
    });
  }

  /** The text itself when it refers to nothing outside: findings then have its lines. */
  #written(json: unknown, text: string): string {
    const own = new Set<string>();
    walk(json, '', (type, namespace) => own.add(fullNameOf(type, namespace)));
    const needed = new Set<string>();
    const known = new Set<string>();
    const expand = (part: unknown, namespace: string): unknown => {
      if (Array.isArray(part)) return part.map((item) => expand(item, namespace));
      if (typeof part === 'string') return reference(part, namespace);
      if (typeof part !== 'object' || part === null) return part;
      const type = part as Json;
      const inner = innerNamespace(type, namespace);
      if (isNamed(type)) known.add(fullNameOf(type, namespace));
      return Object.fromEntries(
        Object.entries(type).map(([key, value]) => [
          key,
          key === 'fields' && Array.isArray(value)
            ? (value as Json[]).map((field) => ({
                ...field,
                ...('type' in (field ?? {}) ? { type: expand(field['type'], inner) } : {}),
              }))
            : TYPE_KEYS.has(key)
              ? expand(value, inner)
              : value,
        ]),
      );
    };
    const reference = (name: string, namespace: string): unknown => {
      if (PRIMITIVES.has(name) || NAMED.has(name) || name === 'array' || name === 'map')
        return name;
      const full = [qualified(name, namespace), name].find(
        (it) => own.has(it) || this.#definitions.has(it),
      );
      if (full === undefined || own.has(full) || known.has(full)) return name;
      const definition = this.#definitions.get(full);
      if (definition === undefined) return name;
      needed.add(full);
      this.#referred.add(full);
      const at = full.lastIndexOf('.');
      const named = {
        ...definition.json,
        name: full.slice(at + 1),
        namespace: at < 0 ? '' : full.slice(0, at),
      };
      return expand(named, definition.namespace);
    };
    const written = expand(json, '');
    return needed.size === 0 && text !== '' ? text : JSON.stringify(written);
  }
}

const TYPE_KEYS = new Set(['type', 'items', 'values']);

const isNamed = (json: Json): boolean =>
  typeof json['type'] === 'string' && NAMED.has(json['type']) && typeof json['name'] === 'string';

const qualified = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;

const fullNameOf = (json: Json, outer: string): string => {
  const { name, namespace } = json;
  return qualified(String(name), typeof namespace === 'string' ? namespace : outer);
};

/** The namespace of the types inside of one. */
function innerNamespace(json: Json, outer: string): string {
  if (!isNamed(json)) return outer;
  const full = fullNameOf(json, outer);
  return full.includes('.') ? full.slice(0, full.lastIndexOf('.')) : '';
}

function walk(json: unknown, namespace: string, found: (type: Json, outer: string) => void): void {
  if (Array.isArray(json)) for (const item of json) walk(item, namespace, found);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return;
  const type = json as Json;
  if (isNamed(type)) found(type, namespace);
  const inner = innerNamespace(type, namespace);
  for (const key of [...TYPE_KEYS, 'fields']) if (key in type) walk(type[key], inner, found);
}

function rootName(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  return isNamed(json as Json) ? fullNameOf(json as Json, '') : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The topic that a file is named after. */
export const topicOf = (file: string, folder: string): string =>
  posix
    .relative(folder, file)
    .replace(/\.[a-z]+$/, '')
    .replace(/-value$/, '');
