/** Rows are made so many at a time, and never moved: 2 to the power of this. */
const CHUNK_BITS = 9;
const CHUNK_ROWS = 1 << CHUNK_BITS;

/** A cell below this is not a number but the index of one in the overflow list. */
const CELL_MIN = -(2 ** 30);

/**
 * Very many rows of numbers, such as indexes of events, at 4 bytes a number: an array or an object
 * for each row would take five times as much. Every value is returned as it was set, even one that
 * only a malformed history has: what does not fit is in an overflow list, at 12 bytes. Only -0 is
 * returned as 0, which no comparison and no message distinguishes.
 */
export class NumberRows {
  readonly #width: number;
  readonly #initial: number;
  readonly #chunks: Int32Array[] = [];
  #count = 0;
  /** By place: what does not fit into a cell. */
  readonly #overflow: number[] = [];

  /**
   * @param width how many numbers each row has
   * @param initial what they are before they are set: a small integer
   */
  constructor(width: number, initial = 0) {
    this.#width = width;
    this.#initial = initial;
  }

  /** How many rows there are. */
  get count(): number {
    return this.#count;
  }

  /** Adds a row and answers its place, from 0. */
  add(): number {
    if (this.#count % CHUNK_ROWS === 0) {
      const chunk = new Int32Array(CHUNK_ROWS * this.#width);
      this.#chunks.push(this.#initial === 0 ? chunk : chunk.fill(this.#initial));
    }
    return this.#count++;
  }

  /** Adds rows until there is one at this place. */
  reach(row: number): void {
    while (this.#count <= row) this.add();
  }

  /** The number in a column of a row, whether it was set before or not. */
  at(row: number, column: number): number {
    if (row >= this.#count) return this.#initial;
    const chunk = this.#chunks[row >> CHUNK_BITS] as Int32Array;
    const cell = chunk[(row % CHUNK_ROWS) * this.#width + column] as number;
    return cell < CELL_MIN ? (this.#overflow[CELL_MIN - 1 - cell] as number) : cell;
  }

  /** Sets a number; adds the row, and those before it, when there is none yet. */
  set(row: number, column: number, value: number): void {
    this.reach(row);
    const chunk = this.#chunks[row >> CHUNK_BITS] as Int32Array;
    const place = (row % CHUNK_ROWS) * this.#width + column;
    if ((value | 0) === value && value >= CELL_MIN) {
      chunk[place] = value;
      return;
    }
    const before = chunk[place] as number;
    if (before < CELL_MIN) this.#overflow[CELL_MIN - 1 - before] = value;
    else chunk[place] = CELL_MIN - this.#overflow.push(value);
  }
}
