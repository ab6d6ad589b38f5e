/** What a column holds: a number, such as an event's index, yes or no, or one of a set of texts. */
export type ColumnKind = 'number' | 'flag' | readonly string[];
export type Columns = Readonly<Record<string, ColumnKind>>;

type CellOf<K extends ColumnKind> = K extends readonly (infer Text)[]
  ? Text | undefined
  : K extends 'flag'
    ? boolean
    : number;

/** A row by the names of its columns. A text that its column does not list is `undefined`. */
export type RowOf<C extends Columns> = { readonly [Name in keyof C]: CellOf<C[Name]> };

/** The cell of a column that was not set. */
export const EMPTY_CELL = -1;

/** A packed cell must fit into the 30 bits that number rows keep at 4 bytes. */
const PACKED_MAX = 2 ** 30;

interface ReadableCells {
  readonly at: (row: number, cell: number) => number;
}

export interface Cells extends ReadableCells {
  readonly set: (row: number, cell: number, value: number) => void;
}

interface Column {
  readonly kind: ColumnKind;
  readonly cell: number;
  /** Of a flag or a text: its share of a packed cell. */
  readonly factor: number;
  readonly radix: number;
}

/**
 * Where each named column of a row is. A number takes a cell of its own; flags and texts share one,
 * as digits of a number, so that a row with many of them stays small.
 */
export class RowLayout<const C extends Columns> {
  /** How many cells a row takes. */
  readonly width: number;
  readonly #columns: Readonly<Record<string, Column>>;
  readonly #entries: ReadonlyArray<readonly [name: string, column: Column]>;

  constructor(columns: C) {
    let width = 0;
    let packed = { cell: EMPTY_CELL, factor: PACKED_MAX };
    this.#entries = Object.entries(columns).map(([name, kind]) => {
      if (kind === 'number') return [name, { kind, cell: width++, factor: 1, radix: 0 }];
      const radix = kind === 'flag' ? 2 : kind.length + 1;
      if (packed.factor * radix > PACKED_MAX) packed = { cell: width++, factor: 1 };
      const column = { kind, ...packed, radix };
      packed = { cell: packed.cell, factor: packed.factor * radix };
      return [name, column];
    });
    this.#columns = Object.fromEntries(this.#entries);
    this.width = width;
  }

  /** Writes the columns that are given; the others stay. */
  write(cells: Cells, row: number, values: Partial<RowOf<C>>): void {
    for (const name in values) this.writeOne(cells, row, name, values[name]);
  }

  /** Writes one column. */
  writeOne(cells: Cells, row: number, name: string, value: unknown): void {
    const { kind, cell, factor, radix } = this.#columns[name] as Column;
    if (kind === 'number') {
      cells.set(row, cell, value as number);
      return;
    }
    const code = kind === 'flag' ? Number(value) : kind.indexOf(value as string) + 1;
    const packed = Math.max(0, cells.at(row, cell));
    const before = Math.floor(packed / factor) % radix;
    cells.set(row, cell, packed + (code - before) * factor);
  }

  /** All columns of a row. */
  read(cells: ReadableCells, row: number): RowOf<C> {
    const values: Record<string, unknown> = {};
    for (const [name, column] of this.#entries) values[name] = readCell(column, cells, row);
    return values as RowOf<C>;
  }

  /** One column of a row. */
  readOne<Name extends keyof C & string>(
    cells: ReadableCells,
    row: number,
    name: Name,
  ): RowOf<C>[Name] {
    return readCell(this.#columns[name] as Column, cells, row) as RowOf<C>[Name];
  }
}

function readCell(
  { kind, cell, factor, radix }: Column,
  cells: ReadableCells,
  row: number,
): unknown {
  const number = cells.at(row, cell);
  if (kind === 'number') return number;
  const code = Math.floor(Math.max(0, number) / factor) % radix;
  return kind === 'flag' ? code === 1 : kind[code - 1];
}
