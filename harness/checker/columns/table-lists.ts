import { type Cells, type Columns, RowLayout, type RowOf } from './row-layout.ts';
import { NO_ROW, RowLists } from './row-lists.ts';

/**
 * Very many short lists of rows with named columns, at 4 bytes a number: {@link RowLists} without
 * positions and codes.
 */
export class TableLists<const C extends Columns> {
  readonly #layout: RowLayout<C>;
  readonly #rows: RowLists;
  /** The cells of the row that is added next. */
  readonly #draft: NumberDraft;

  constructor(columns: C) {
    this.#layout = new RowLayout(columns);
    this.#rows = new RowLists(this.#layout.width);
    this.#draft = new NumberDraft(this.#layout.width);
  }

  /** Adds a row to the end of a list; lists are numbered, dense from 0. */
  add(list: number, row: RowOf<C>): void {
    const draft = this.#draft;
    draft.cells.fill(0);
    this.#layout.write(draft, 0, row);
    this.#rows.add(list, ...draft.cells);
  }

  /** Whether a list has any rows. */
  has(list: number): boolean {
    return this.#rows.first(list) !== NO_ROW;
  }

  /** The row that was added to a list last, if it has any. */
  last(list: number): RowOf<C> | undefined {
    const place = this.#rows.last(list);
    return place === NO_ROW ? undefined : this.#layout.read(this.#rows, place);
  }

  /** The rows of a list, in their order. */
  rowsOf(list: number): Array<RowOf<C>> {
    const rows: Array<RowOf<C>> = [];
    for (let place = this.#rows.first(list); place !== NO_ROW; place = this.#rows.next(place)) {
      rows.push(this.#layout.read(this.#rows, place));
    }
    return rows;
  }
}

class NumberDraft implements Cells {
  readonly cells: number[];

  constructor(width: number) {
    this.cells = new Array<number>(width).fill(0);
  }

  at(_row: number, cell: number): number {
    return this.cells[cell] as number;
  }

  set(_row: number, cell: number, value: number): void {
    this.cells[cell] = value;
  }
}
