/**
 * How much of something limited was certainly held at once: of each holding it is known when it
 * certainly held already, and when it may have been given up. Records of different orders are on
 * different partitions, so only times compare them; a holding counts from when the participant
 * had told of it until the saga asked for its undoing, which is never longer than it really held.
 */
export class Holdings {
  /** Three numbers a change: when, how much, and the event that tells of the holding. */
  readonly #changes: number[] = [];

  /** Notes that `amount` more (or, negative, less) was certainly held from `atMs` on. */
  note(atMs: number, amount: number, event: number): void {
    this.#changes.push(atMs, amount, event);
  }

  /** The most that was certainly held at once, and the events of the holdings that made it up. */
  peak(): { readonly most: number; readonly events: readonly number[] } {
    const changes = this.#inOrder();
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

  #inOrder() {
    const changes: Array<{ atMs: number; amount: number; event: number }> = [];
    for (let at = 0; at < this.#changes.length; at += 3) {
      const [atMs = 0, amount = 0, event = 0] = this.#changes.slice(at, at + 3);
      changes.push({ atMs, amount, event });
    }
    // At the same time, what is given up goes first: that favours the subject.
    return changes.sort((a, b) => a.atMs - b.atMs || a.amount - b.amount);
  }
}

/** A card as its events tell of it. */
export interface Card {
  readonly token: string;
  limit: number;
  registeredAt: number;
  registeredTwice: boolean;
  readonly holdings: Holdings;
  held: number;
  taken: number;
  lastAt: number;
}
