import { posix } from 'node:path';
import { GateError } from '../error.ts';
import type { Tree } from '../sources/tree.ts';
import { Budget } from './budget.ts';
import { SchemaDocument } from './document.ts';

/** The documents of one version of a repository, each parsed once, which refer to each other. */
export class DocumentSet {
  readonly budget: Budget;
  #unchanged: ReadonlySet<string> = new Set();
  #twin: DocumentSet | undefined;
  readonly #read: Tree['read'];
  readonly #suffix: string;
  readonly #documents = new Map<string, SchemaDocument>();

  /** @param suffix follows the names of files in messages: ` (before)` */
  constructor(read: Tree['read'], suffix = '', budget: Budget = new Budget()) {
    this.#read = read;
    this.#suffix = suffix;
    this.budget = budget;
  }

  /** Files that, with everything they refer to, are the same in the other version. */
  get unchanged(): ReadonlySet<string> {
    return this.#unchanged;
  }

  /** Files that are the same in another version are parsed once for both. */
  share(twin: DocumentSet | undefined, unchanged: ReadonlySet<string>): void {
    this.#twin = twin;
    this.#unchanged = unchanged;
  }

  /** Throws a {@link GateError} for a file that is missing or is not YAML or JSON. */
  open(path: string): SchemaDocument {
    const known = this.#documents.get(path);
    if (known !== undefined) return known;
    const text = this.#read(path);
    const name = `${path}${this.#suffix}`;
    if (text === undefined) {
      throw new GateError(`${name} is referred to, and it is missing`, {
        file: path,
        fix: 'commit the file, or correct the reference',
      });
    }
    const shared = this.#unchanged.has(path) ? this.#twin?.open(path).root : undefined;
    const root = shared === undefined ? {} : { root: shared };
    const document = new SchemaDocument(text, name, { path, set: this, ...root });
    this.#documents.set(path, document);
    return document;
  }

  /** The document that a reference of another one names. */
  referred(from: SchemaDocument, reference: string): SchemaDocument {
    if (/^[a-z][a-z0-9+.-]*:/i.test(reference)) {
      const path = siblingOf(from, reference);
      if (path !== undefined) return this.open(path);
      throw new GateError(`${from.file}: "${reference}" is on the web, and the gate is offline`, {
        file: from.path,
        fix: 'copy the document into the repository, and refer to the copy',
      });
    }
    const path = posix.normalize(
      posix.join(posix.dirname(from.path), decodeURIComponent(reference)),
    );
    return this.open(path.replace(/^\/+/, ''));
  }

  /** Every file that a document depends on, itself included. */
  closure(path: string): Map<string, ReferringFile> {
    const files = new Map<string, ReferringFile>();
    const visit = (file: string): void => {
      const text = this.#read(file);
      if (text === undefined || files.has(file)) return;
      const references = [...text.matchAll(REFERENCE)]
        .map((match) => match.groups?.['file'] ?? '')
        .filter((reference) => !/^[a-z][a-z0-9+.-]*:/i.test(reference))
        .map((reference) => posix.join(posix.dirname(file), reference.split('#')[0] ?? ''))
        .map((joined) => posix.normalize(joined).replace(/^\/+/, ''));
      const distinct = [...new Set(references)];
      files.set(file, { text, references: distinct });
      for (const reference of distinct) visit(reference);
    };
    visit(path);
    return files;
  }
}

/** A file and the files that it names. */
export interface ReferringFile {
  readonly text: string;
  readonly references: readonly string[];
}

/** A reference to a file, as YAML and JSON write it. */
const REFERENCE = /["']?\$ref["']?\s*:\s*["']?(?<file>[^\s"'#,}]+)/g;

/** The file of an absolute reference next to a document whose `$id` says where it is. */
function siblingOf(from: SchemaDocument, reference: string): string | undefined {
  const id = from.root['$id'] ?? from.root['id'];
  if (typeof id !== 'string' || !URL.canParse(id) || !URL.canParse(reference)) return undefined;
  const [own, other] = [new URL(id), new URL(reference)];
  if (own.origin !== other.origin) return undefined;
  const way = posix.relative(posix.dirname(own.pathname), other.pathname);
  return posix.normalize(posix.join(posix.dirname(from.path), way));
}
