import { NumberRows } from './number-rows.ts';

/** No row: what comes after the last one. */
export const NO_ROW = -1;

/** Columns of a row before its own: the place of the next one, kept as the place after it. */
const LINKS = 1;

/**
 * Very many lists of rows of numbers, most of them short, that grow side by side: an array for each
 * would take 150 bytes to begin with. All rows are kept in one place, each with the place of the
 * one that comes after it in its list.
 */
export class RowLists {
  readonly #width: number;
  readonly #rows: NumberRows;
  /** By list: the places after its first row and after its last one; 0 while it has none. */
  readonly #ends = new NumberRows(2);

  /** @param width how many numbers each row has */
  constructor(width: number) {
    this.#width = width;
    this.#rows = new NumberRows(LINKS + width);
  }

  /** Adds a row to the end of a list; lists have numbers, dense from 0. */
  add(list: number, ...values: readonly number[]): void {
    const row = this.#rows.add();
    for (let column = 0; column < this.#width; column++) {
      this.#rows.set(row, LINKS + column, values[column] as number);
    }
    const last = this.last(list);
    if (last === NO_ROW) this.#ends.set(list, 0, row + 1);
    else this.#rows.set(last, 0, row + 1);
    this.#ends.set(list, 1, row + 1);
  }

  /** The place of a list's first row, or {@link NO_ROW}. */
  first(list: number): number {
    return this.#ends.at(list, 0) - 1;
  }

  /** The place of a list's last row, or {@link NO_ROW}. */
  last(list: number): number {
    return this.#ends.at(list, 1) - 1;
  }

  /** The place of the row that comes after this one in its list, or {@link NO_ROW}. */
  next(row: number): number {
    return this.#rows.at(row, 0) - 1;
  }

  /** The number in a column of a row. */
  at(row: number, column: number): number {
    return this.#rows.at(row, LINKS + column);
  }

  /** The places of a list's rows, in their order. */
  *rowsOf(list: number): Generator<number, void, undefined> {
    for (let row = this.first(list); row !== NO_ROW; row = this.next(row)) yield row;
  }
}
