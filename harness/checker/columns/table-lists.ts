import { RowLists } from './row-lists.ts';

/** What a column holds: a number, such as an event's index, or one of a closed set of texts. */
export type ColumnKind = 'number' | readonly string[];
type Columns = Readonly<Record<string, ColumnKind>>;

/** A row as it was added: a number or a text by the name of each column. */
export type RowOf<C extends Columns> = {
  readonly [Name in keyof C]: C[Name] extends readonly (infer Text)[] ? Text : number;
};

/**
 * Very many short lists of rows with named columns, at 4 bytes a cell: {@link RowLists} without
 * positions and codes.
 */
export class TableLists<const C extends Columns> {
  readonly #columns: ReadonlyArray<readonly [name: string, kind: ColumnKind]>;
  readonly #rows: RowLists;

  constructor(columns: C) {
    this.#columns = Object.entries(columns);
    this.#rows = new RowLists(this.#columns.length);
  }

  /** Adds a row to the end of a list; lists are numbered, dense from 0. */
  add(list: number, row: RowOf<C>): void {
    const values = row as Readonly<Record<string, unknown>>;
    const cells = this.#columns.map(([name, kind]) =>
      kind === 'number' ? (values[name] as number) : kind.indexOf(values[name] as string),
    );
    this.#rows.add(list, ...cells);
  }

  /** The rows of a list, in their order. */
  rowsOf(list: number): Array<RowOf<C>> {
    return [...this.#rows.rowsOf(list)].map((place) => this.#rowAt(place));
  }

  #rowAt(place: number): RowOf<C> {
    const cells = this.#columns.map(([name, kind], column) => {
      const cell = this.#rows.at(place, column);
      return [name, kind === 'number' ? cell : kind[cell]];
    });
    return Object.fromEntries(cells) as RowOf<C>;
  }
}
