/**
 * Stream ids on both sides of the proxy. Clients number their streams in ascending order, so a
 * stream that the proxy adds shifts the ids of all that come after it.
 */
export class Numbering {
  /** Ids of the server's side that the client does not know, ascending. */
  readonly #added: number[] = [];
  /** For each of them the last stream of the client before it. */
  readonly #after: number[] = [];
  #last = 0;

  /** The client's stream goes to the server now. */
  opened(stream: number): void {
    this.#last = Math.max(this.#last, stream);
  }

  /** Adds a stream that only the server sees. */
  add(): number {
    const id = this.toServer(this.#last) + 2 * this.#addedAfterLast() + 2;
    this.#added.push(id);
    this.#after.push(this.#last);
    return id;
  }

  #addedAfterLast(): number {
    return this.#after.filter((stream) => stream === this.#last).length;
  }

  isAdded(stream: number): boolean {
    return this.#added.includes(stream);
  }

  toServer(stream: number): number {
    return stream + 2 * this.#after.filter((last) => last < stream).length;
  }

  toClient(stream: number): number {
    return stream - 2 * this.#added.filter((id) => id <= stream).length;
  }
}
