import { parse } from 'yaml';
import { GateError } from '../error.ts';
import { type Path, Positions } from '../sources/position.ts';
import { modern } from './dialect.ts';

/** A JSON or YAML document whose parts refer to each other. */
export class SchemaDocument {
  readonly file: string;
  readonly root: Json;
  /** In which direction its schemas are read; undefined: as they stand. */
  readonly view: View | undefined;
  readonly #text: string;
  readonly #views = new Map<string, SchemaDocument>();
  #positions: Positions | undefined;

  /** Throws a {@link GateError} when it is not an object. */
  constructor(text: string, file: string, seen?: { readonly root: Json; readonly view: View }) {
    this.file = file;
    this.#text = text;
    this.root = seen?.root ?? rootOf(text, file);
    this.view = seen?.view;
  }

  /** The same document, read in one direction. */
  seen(view: View): SchemaDocument {
    const key = `${view.leftOut} ${view.side}`;
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const document = new SchemaDocument(this.#text, this.file, { root: this.root, view });
    this.#views.set(key, document);
    return document;
  }

  /** The whole document. */
  get top(): Node {
    return { json: this.root, path: [], document: this };
  }

  lineOf(path: Path): number {
    this.#positions ??= new Positions(this.#text);
    return this.#positions.lineOf(path);
  }

  /** What a local reference points to. Throws a {@link GateError} when there is nothing. */
  resolve(reference: string): Node {
    if (!reference.startsWith('#/')) {
      throw new GateError(`${this.file}: "${reference}" refers to another document`, {
        file: this.file,
        fix: 'bundle the documents, or copy the schema into this one',
      });
    }
    const path = reference.slice(2).split('/').map(unescaped);
    let json: unknown = this.root;
    for (const step of path) json = isJson(json) ? json[step] : undefined;
    if (json === undefined) {
      throw new GateError(`${this.file}: "${reference}" points to nothing`, {
        file: this.file,
        fix: 'correct the reference',
      });
    }
    return { json, path, document: this };
  }
}

function rootOf(text: string, file: string): Json {
  let root: unknown;
  try {
    root = parse(text, { maxAliasCount: 100 });
  } catch (error) {
    throw new GateError(`${file} is not YAML: ${(error as Error).message}`, { file });
  }
  if (!isJson(root)) throw new GateError(`${file} is not an object`, { file });
  return modern(root) as Json;
}

/** Properties marked `readOnly` are in no request, `writeOnly` ones in no response. */
export interface View {
  readonly leftOut: 'readOnly' | 'writeOnly';
  readonly side: 'sender' | 'receiver';
}

/** A part of a document, read in one direction. */
export const inView = (node: Node, view: View): Node => ({
  ...node,
  document: node.document.seen(view),
});

export type Json = Readonly<Record<string, unknown>>;

/** A part of a document and where it is. */
export interface Node {
  readonly json: unknown;
  readonly path: Path;
  readonly document: SchemaDocument;
}

const unescaped = (step: string): string =>
  decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The part of a node under a key, references followed; undefined when there is none. */
export function child(node: Node, key: string | number): Node | undefined {
  const { json, path, document } = node;
  const value = isJson(json) ? json[key] : Array.isArray(json) ? json[Number(key)] : undefined;
  return value === undefined
    ? undefined
    : followed({ json: value, path: [...path, key], document });
}

/** The parts of a node by key. */
export const children = (node: Node | undefined): Array<[string, Node]> =>
  node === undefined || typeof node.json !== 'object' || node.json === null
    ? []
    : Object.keys(node.json).flatMap((key): Array<[string, Node]> => {
        const found = child(node, Array.isArray(node.json) ? Number(key) : key);
        return found === undefined ? [] : [[key, found]];
      });

/** The text under a key. */
export function textOf(node: Node, key: string): string | undefined {
  const value = isJson(node.json) ? node.json[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

const HOPS_MAX = 32;

/** The node itself, or the target of its reference when it has no other keywords. */
export function followed(node: Node): Node {
  let current = node;
  for (let hop = 0; hop < HOPS_MAX; hop += 1) {
    const { json, document } = current;
    if (!isJson(json) || typeof json['$ref'] !== 'string') return current;
    if (Object.keys(json).some((key) => !PLAIN.has(key))) return current;
    current = document.resolve(json['$ref']);
  }
  throw new GateError(`${node.document.file}: /${node.path.join('/')} refers to itself`, {
    file: node.document.file,
  });
}

/** Keywords that may accompany a reference without changing what is valid. */
const PLAIN = new Set(['$ref', 'description', 'summary', 'title', 'examples', 'deprecated']);
