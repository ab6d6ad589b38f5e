import type { HistoryEvent } from '../../history/event.ts';
import { SERVICES } from '../../kernel/address-book.ts';

/** Events that {@link Disturbances} is made of: list them in an invariant's `reads`. */
export const DISTURBING_EVENTS = ['process', 'fault'] as const satisfies ReadonlyArray<
  HistoryEvent['type']
>;

/** Of all services: a fault of a server, or of a link that no service has. */
const ALL = '';

/** A service that is not disturbed. */
const NEVER_MS = Number.NEGATIVE_INFINITY;

interface Disturbed {
  /** What disturbs it now: faults and processes that are away. */
  readonly active: Set<string>;
  /** When the last of them ended. */
  endedMs: number;
}

/**
 * When each service was disturbed: one of its processes was away or paused, or a fault acted on it,
 * on one of its links or on a server. What a service promises about time holds only outside.
 */
export class Disturbances {
  readonly #of = new Map<string, Disturbed>();

  /** Reads the next event; other types are ignored. */
  observe(event: HistoryEvent): void {
    if (event.type === 'fault') {
      const service = serviceOf(event.target);
      if (event.what === 'lifted') this.#end(service, event.fault, event.atMs);
      else this.#begin(service, event.fault);
    } else if (event.type === 'process') {
      const service = serviceOf(event.instance);
      const { what, signal, atMs, instance } = event;
      if (what === 'ready' || signal === 'SIGCONT') this.#end(service, instance, atMs);
      else this.#begin(service, instance);
    }
  }

  /** Whether anything disturbs the service at this point of the history. */
  isActive(service: string): boolean {
    return this.#each(service).some(({ active }) => active.size > 0);
  }

  /** When the last disturbance ended; `Infinity` while there is one, `-Infinity` without any. */
  endedMs(service: string): number {
    if (this.isActive(service)) return Number.POSITIVE_INFINITY;
    return Math.max(NEVER_MS, ...this.#each(service).map(({ endedMs }) => endedMs));
  }

  #each(service: string): Disturbed[] {
    return [this.#of.get(ALL), this.#of.get(service)].filter((one) => one !== undefined);
  }

  #begin(service: string, what: string): void {
    let disturbed = this.#of.get(service);
    if (disturbed === undefined) {
      disturbed = { active: new Set(), endedMs: NEVER_MS };
      this.#of.set(service, disturbed);
    }
    disturbed.active.add(what);
  }

  #end(service: string, what: string, atMs: number): void {
    const disturbed = this.#of.get(service);
    if (disturbed === undefined) return;
    disturbed.active.delete(what);
    disturbed.endedMs = Math.max(disturbed.endedMs, atMs);
  }
}

/** The service of an instance (`inventory-1`) or a link (`inventory→kafka`); else {@link ALL}. */
export function serviceOf(target: string): string {
  const name = target.replace(/(?:→.*|-\d+)$/, '');
  return SERVICES.some((service) => service === name) ? name : ALL;
}
