/**
 * How much of something limited was certainly held at once: of each holding it is known when it
 * certainly held already, and when it may have been given up. Records of different orders are on
 * different partitions, so only times compare them; a holding counts from when the participant
 * had told of it until the saga asked for its undoing, which is never longer than it really held.
 */
export class Holdings {
  readonly #times: number[] = [];
  readonly #amounts: number[] = [];
  readonly #events: number[] = [];

  /** Notes that `amount` more (or, negative, less) was certainly held from `atMs` on. */
  note(atMs: number, amount: number, event: number): void {
    this.#times.push(atMs);
    this.#amounts.push(amount);
    this.#events.push(event);
  }

  /** The most that was certainly held at once, and the events of the holdings that made it up. */
  peak(): { readonly most: number; readonly events: readonly number[] } {
    const order = [...this.#times.keys()].sort(
      (a, b) =>
        (this.#times[a] ?? 0) - (this.#times[b] ?? 0) ||
        // At the same time, what is given up goes first: that favours the subject.
        (this.#amounts[a] ?? 0) - (this.#amounts[b] ?? 0),
    );
    let held = 0;
    let most = 0;
    let peakAt = -1;
    for (const [place, at] of order.entries()) {
      held += this.#amounts[at] ?? 0;
      if (held > most) {
        most = held;
        peakAt = place;
      }
    }
    return { most, events: this.#heldAt(order.slice(0, peakAt + 1)) };
  }

  /** Events of the holdings that are on after these changes. */
  #heldAt(changes: readonly number[]): number[] {
    const on = new Set<number>();
    for (const at of changes) {
      const event = this.#events[at] ?? -1;
      if ((this.#amounts[at] ?? 0) > 0) on.add(event);
      else on.delete(event);
    }
    return [...on];
  }
}
