/**
 * Very many rows of numbers, such as indexes of events, at 4 bytes a number: an array or an object
 * for each row would take five times as much. Whatever is put in comes out as it was, however large
 * or odd a history makes it: what does not fit is kept beside, at 12 bytes.
 */
const ROWS_MIN = 64;

/** A cell below this is no number but the place of one that is kept beside. */
const CELL_MIN = -(2 ** 30);

export class NumberRows {
  readonly #width: number;
  readonly #initial: number;
  #cells: Int32Array<ArrayBuffer>;
  #count = 0;
  /** By place: what does not fit into a cell. */
  readonly #beside: number[] = [];

  /**
   * @param width how many numbers each row has
   * @param initial what they are before they are set: a small integer
   */
  constructor(width: number, initial = 0) {
    this.#width = width;
    this.#initial = initial;
    this.#cells = new Int32Array(ROWS_MIN * width);
  }

  /** How many rows there are. */
  get count(): number {
    return this.#count;
  }

  /** Adds a row and answers its place, from 0. */
  add(): number {
    const from = this.#count * this.#width;
    if (from + this.#width > this.#cells.length) {
      const bytes = this.#cells.byteLength * 2;
      this.#cells = new Int32Array(this.#cells.buffer.transfer(bytes));
    }
    if (this.#initial !== 0) this.#cells.fill(this.#initial, from, from + this.#width);
    return this.#count++;
  }

  /** Adds rows until there is one at this place. */
  reach(row: number): void {
    while (this.#count <= row) this.add();
  }

  /** The number in a column of a row that there is. */
  at(row: number, column: number): number {
    const cell = this.#cells[row * this.#width + column] as number;
    return cell < CELL_MIN ? (this.#beside[CELL_MIN - 1 - cell] as number) : cell;
  }

  set(row: number, column: number, value: number): void {
    const place = row * this.#width + column;
    if ((value | 0) === value && value >= CELL_MIN) {
      this.#cells[place] = value;
      return;
    }
    const before = this.#cells[place] as number;
    if (before < CELL_MIN) this.#beside[CELL_MIN - 1 - before] = value;
    else this.#cells[place] = CELL_MIN - this.#beside.push(value);
  }
}
