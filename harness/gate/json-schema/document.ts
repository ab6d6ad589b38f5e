import { parse } from 'yaml';
import { GateError } from '../error.ts';
import { type Path, Positions } from '../sources/position.ts';
import { modern } from './dialect.ts';
import type { DocumentSet } from './document-set.ts';

interface Origin {
  /** Path in the repository; default: the document's name. */
  readonly path?: string;
  /** Documents that it may refer to; default: itself alone. */
  readonly set?: DocumentSet;
  readonly root?: Json;
  readonly view?: View | undefined;
}

/** A JSON or YAML document whose parts refer to each other and to other documents. */
export class SchemaDocument {
  /** Its name in messages. */
  readonly file: string;
  readonly path: string;
  readonly root: Json;
  /** In which direction its schemas are read; undefined: as they stand. */
  readonly view: View | undefined;
  readonly set: DocumentSet | undefined;
  readonly #text: string;
  readonly #views = new Map<string, SchemaDocument>();
  #positions: Positions | undefined;
  #anchors: ReadonlyMap<string, Pointed> | undefined;

  /** Throws a {@link GateError} when it is not an object. */
  constructor(text: string, file: string, origin: Origin = {}) {
    this.file = file;
    this.path = origin.path ?? file;
    this.set = origin.set;
    this.#text = text;
    this.root = origin.root ?? rootOf(text, file);
    this.view = origin.view;
  }

  /** The same document, read in one direction. */
  seen(view: View): SchemaDocument {
    const key = `${view.leftOut} ${view.side}`;
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const { path, set, root } = this;
    const document = new SchemaDocument(this.#text, this.file, {
      path,
      root,
      view,
      ...(set && { set }),
    });
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

  /** True when it marks properties that exist in one direction only. */
  get hasMarks(): boolean {
    return /\b(readOnly|writeOnly)\b/.test(this.#text);
  }

  /** True when it and everything that it refers to are the same in the other version. */
  get isUnchanged(): boolean {
    return this.set?.unchanged.has(this.path) ?? false;
  }

  /** Throws when the comparison that the document belongs to has taken too long. */
  spend(): void {
    this.set?.budget.spend();
  }

  /** What a reference points to. Throws a {@link GateError} when there is nothing. */
  resolve(reference: string): Node {
    const [file = '', fragment = ''] = reference.split('#', 2);
    if (file === '') return this.#local(fragment, reference);
    if (this.set === undefined) {
      throw new GateError(`${this.file}: "${reference}" refers to another document`, {
        file: this.path,
        fix: 'bundle the documents, or copy the schema into this one',
      });
    }
    const other = this.set.referred(this, file);
    return (this.view === undefined ? other : other.seen(this.view)).#local(fragment, reference);
  }

  #local(fragment: string, reference: string): Node {
    if (fragment === '') return this.top;
    if (!fragment.startsWith('/')) {
      this.#anchors ??= anchorsOf(this.root);
      const found = this.#anchors.get(fragment);
      if (found !== undefined) return { ...found, document: this };
    }
    const path = fragment.split('/').slice(1).map(unescaped);
    let json: unknown = this.root;
    for (const step of path) {
      if (isJson(json)) json = json[step];
      else json = Array.isArray(json) ? json[Number(step)] : undefined;
    }
    if (json === undefined || !fragment.startsWith('/')) {
      throw new GateError(`${this.file}: "${reference}" points to nothing`, {
        file: this.path,
        fix: 'correct the reference',
      });
    }
    return { json, path, document: this };
  }
}

interface Pointed {
  readonly json: unknown;
  readonly path: Path;
}

/** Schemas by their `$anchor`, or by an `$id` that is a fragment. */
function anchorsOf(root: Json): Map<string, Pointed> {
  const anchors = new Map<string, Pointed>();
  const visit = (json: unknown, path: Path): void => {
    if (typeof json !== 'object' || json === null) return;
    const { $anchor, $id } = json as Json;
    if (typeof $anchor === 'string') anchors.set($anchor, { json, path });
    if (typeof $id === 'string' && $id.startsWith('#')) anchors.set($id.slice(1), { json, path });
    for (const [key, part] of Object.entries(json)) visit(part, [...path, key]);
  };
  visit(root, []);
  return anchors;
}

function rootOf(text: string, file: string): Json {
  let root: unknown;
  try {
    root = text.trimStart().startsWith('{') ? jsonOrYaml(text) : parse(text, YAML_OPTIONS);
  } catch (error) {
    throw new GateError(`${file} is not YAML: ${(error as Error).message}`, { file });
  }
  if (!isJson(root)) throw new GateError(`${file} is not an object`, { file });
  return modern(root) as Json;
}

const YAML_OPTIONS = { maxAliasCount: 100, logLevel: 'error' } as const;

/** JSON is YAML, but its own parser is a hundred times faster. */
function jsonOrYaml(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // YAML in flow style also begins with a brace; its parser names the place of an error.
    return parse(text, YAML_OPTIONS);
  }
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

/** The schema of a sender that describes nothing: any value, in the receiver's place. */
export const anyOf = (receiver: Node): Node => ({ ...receiver, json: true });

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
    file: node.document.path,
  });
}

/** Keywords that may accompany a reference without changing what is valid. */
const PLAIN = new Set(['$ref', 'description', 'summary', 'title', 'examples', 'deprecated']);
