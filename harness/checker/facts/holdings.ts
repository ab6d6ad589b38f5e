import { TableLists } from '../columns/table-lists.ts';

/**
 * How much of each of many limited things was certainly held at once: of each holding it is known
 * when it certainly held already, and when it may have been given up. Records of different orders
 * are on different partitions, so only times compare them; a holding counts from when the
 * participant had reported it until the saga asked for its undoing, which is never longer than it
 * really held.
 */
export class Holdings {
  /** By the number of the thing. */
  readonly #changes = new TableLists({ atMs: 'number', amount: 'number', event: 'number' });

  /** Notes that `amount` more (or, negative, less) of a thing was certainly held from `atMs` on. */
  note(thing: number, atMs: number, amount: number, event: number): void {
    this.#changes.add(thing, { atMs, amount, event });
  }

  /** The most of it that was certainly held at once, and the events of what made it up. */
  peak(thing: number): { readonly most: number; readonly events: readonly number[] } {
    const changes = this.#inOrder(thing);
    let held = 0;
    let most = 0;
    let peakAt = -1;
    for (const [place, { amount }] of changes.entries()) {
      held += amount;
      if (held <= most) continue;
      most = held;
      peakAt = place;
    }
    const on = new Set<number>();
    for (const { amount, event } of changes.slice(0, peakAt + 1)) {
      if (amount > 0) on.add(event);
      else on.delete(event);
    }
    return { most, events: [...on] };
  }

  #inOrder(thing: number) {
    // At the same time, what is given up goes first: that favours the subject.
    return this.#changes.rowsOf(thing).sort((a, b) => a.atMs - b.atMs || a.amount - b.amount);
  }
}
