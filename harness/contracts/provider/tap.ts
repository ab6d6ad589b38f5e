import type { AddressBook } from '../../kernel/address-book.ts';
import { KafkaWitness } from '../../witnesses/kafka-witness.ts';
import type { Names } from '../fiction.ts';
import type { SeenRecord } from './state.ts';

/**
 * Longest that a record which a contract promises may take to cross the broker. It is what a record
 * costs that never comes; on a machine with ten times the work that it can do, 15 s were too few.
 */
const CROSSING_MS_MAX = 30_000;
/** How many records an error names. */
const NAMED_MAX = 8;

/** Every record that crosses the broker while contracts are verified. */
export class RecordTap implements AsyncDisposable {
  readonly #records: Array<{ readonly record: SeenRecord; readonly text: string }> = [];
  readonly #waiting = new Set<() => void>();
  /** How many records came before these names were first used. */
  readonly #before = new WeakMap<Names, number>();
  #witness: KafkaWitness | undefined;

  static async start(book: AddressBook): Promise<RecordTap> {
    const tap = new RecordTap();
    tap.#witness = await KafkaWitness.start({
      bootstrap: book.kafka.bootstrap,
      registryUrl: book.registry.url,
      run: `contracts-${book.runId}-${process.pid}`,
      keepBytes: true,
      record: (event) => tap.#take(event as unknown as SeenRecord),
    });
    return tap;
  }

  #take(record: SeenRecord): void {
    this.#records.push({ record, text: JSON.stringify(record) });
    for (const wake of this.#waiting) wake();
  }

  /** Marks these names as new: earlier records cannot be about them. */
  follow(names: Names): void {
    this.#before.set(names, this.#records.length);
  }

  /** The first record about these names that fits; throws with the other records when none does. */
  first(label: string, names: Names, fits: (record: SeenRecord) => boolean): Promise<SeenRecord> {
    return this.nth(0, label, names, fits);
  }

  /** The record that fits at this index, counting only records that fit. */
  async nth(
    index: number,
    label: string,
    names: Names,
    fits: (record: SeenRecord) => boolean,
  ): Promise<SeenRecord> {
    const end = performance.now() + CROSSING_MS_MAX;
    for (;;) {
      const found = this.about(names).filter(fits)[index];
      if (found !== undefined) return found;
      const leftMs = end - performance.now();
      if (leftMs <= 0) throw new Error(`${label} did not cross the broker; ${this.#seen(names)}`);
      await this.#next(leftMs);
    }
  }

  /** Records in which one of the names is somewhere, in the order in which they were seen. */
  about(names: Names): SeenRecord[] {
    return this.#records
      .slice(this.#before.get(names))
      .filter(({ text }) => names.occurIn(text))
      .map(({ record }) => record);
  }

  #seen(names: Names): string {
    const seen = this.about(names).map(
      ({ topic, headers }) => `${headers['eventType'] ?? 'a record without eventType'} on ${topic}`,
    );
    return seen.length === 0 ? 'nothing did' : `what did: ${seen.slice(-NAMED_MAX).join(', ')}`;
  }

  #next(leftMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(wake, leftMs);
      this.#waiting.add(wake);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#witness?.close();
  }
}
