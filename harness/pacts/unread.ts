import { join } from 'node:path';
import { PACKAGE_ROOT } from '../kernel/package-assets.ts';

/** Where contract tests keep what they proved that a consumer does not read. */
export const unreadFolder = (): string => join(PACKAGE_ROOT, 'contracts', 'unread');

/**
 * What the tests of one contract found out about fields that it does not promise: whether the
 * consumer makes the same of a message when they are otherwise. A field that made a difference once
 * is read, whatever the other interactions found.
 */
export class UnreadFields {
  readonly #unread = new Map<string, Set<string>>();
  readonly #read = new Map<string, Set<string>>();

  /**
   * @param operation as coverage names it
   * @param fields paths, as coverage writes them
   */
  note(operation: string, fields: Iterable<string>, isUnread: boolean): void {
    const notes = isUnread ? this.#unread : this.#read;
    const known = notes.get(operation) ?? new Set();
    notes.set(operation, known);
    for (const field of fields) known.add(field);
  }

  /** By operation, the fields that made no difference. */
  get proven(): Readonly<Record<string, readonly string[]>> {
    const entries = [...this.#unread].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      entries.map(([operation, fields]) => {
        const read = this.#read.get(operation) ?? new Set();
        return [operation, [...fields].filter((field) => !read.has(field)).sort()];
      }),
    );
  }
}
