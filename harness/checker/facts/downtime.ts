import type { ProcessEvent } from '../../history/event.ts';

/** When the harness kept processes down or paused, as the stack's supervisor tells. */
export class Downtime {
  /** Begins and ends, in turn; they do not overlap and are in order. */
  readonly #times: number[] = [];
  readonly #away = new Set<string>();

  observe({ instance, what, signal, atMs }: ProcessEvent): void {
    const before = this.#away.size;
    // What ends by itself is the subject's own affair.
    if (what === 'signalled' && signal !== 'SIGCONT') this.#away.add(instance);
    if (what === 'ready' || signal === 'SIGCONT') this.#away.delete(instance);
    const isBegin = before === 0 && this.#away.size > 0;
    const isEnd = before > 0 && this.#away.size === 0;
    if (isBegin || isEnd) this.#times.push(atMs);
  }

  /** How much of a time some process was away. */
  within(fromMs: number, untilMs: number): number {
    let sum = 0;
    for (let at = 0; at < this.#times.length; at += 2) {
      const [begin = 0, end = untilMs] = this.#times.slice(at, at + 2);
      sum += Math.max(0, Math.min(end, untilMs) - Math.max(begin, fromMs));
    }
    return sum;
  }
}
