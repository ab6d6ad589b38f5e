import { NumberRows } from './number-rows.ts';
import { type Columns, EMPTY_CELL, RowLayout, type RowOf } from './row-layout.ts';

/**
 * Very many rows with named columns, at 4 bytes a number: {@link NumberRows} without positions and
 * codes. Rows are numbered from 0. A number that was not set is `NEVER`, a flag `false`, a text
 * `undefined`.
 */
export class TableRows<const C extends Columns> {
  readonly #layout: RowLayout<C>;
  readonly #rows: NumberRows;

  constructor(columns: C) {
    this.#layout = new RowLayout(columns);
    this.#rows = new NumberRows(this.#layout.width, EMPTY_CELL);
  }

  /** How many rows there are. */
  get count(): number {
    return this.#rows.count;
  }

  /** Adds a row and returns its number. */
  add(values: Partial<RowOf<C>>): number {
    const row = this.#rows.add();
    this.#layout.write(this.#rows, row, values);
    return row;
  }

  /** Sets some columns of a row; adds it, and those before it, when it does not exist yet. */
  set(row: number, values: Partial<RowOf<C>>): void {
    this.#layout.write(this.#rows, row, values);
  }

  /** Sets one column of a row. */
  setAt<Name extends keyof C & string>(row: number, name: Name, value: RowOf<C>[Name]): void {
    this.#layout.writeOne(this.#rows, row, name, value);
  }

  /** All columns of a row. */
  get(row: number): RowOf<C> {
    return this.#layout.read(this.#rows, row);
  }

  /** One column of a row. */
  at<Name extends keyof C & string>(row: number, name: Name): RowOf<C>[Name] {
    return this.#layout.readOne(this.#rows, row, name);
  }
}
