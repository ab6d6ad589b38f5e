import type { LoadModel } from '../model/model-schema.ts';

/** No frame for so long: the tier has nothing left to send. It looks again once a second. */
export const QUIET_MS = 3_000;
/** For stalled sockets that read again. */
export const READ_MS = 2_000;
/** About what closing all sockets takes. */
const CLOSE_MS = 5_000;

export type PhaseName = 'connecting' | 'load' | 'draining';

/** Where a run is, and how long it still takes. */
export class LoadPhase {
  readonly #model: LoadModel;
  #name: PhaseName = 'connecting';
  #sinceMs = performance.now();

  constructor(model: LoadModel) {
    this.#model = model;
  }

  enter(name: PhaseName): void {
    this.#name = name;
    this.#sinceMs = performance.now();
  }

  /** `leftMs` is an estimate of the time until the run is judged. */
  get now(): { readonly phase: PhaseName; readonly elapsedMs: number; readonly leftMs: number } {
    const elapsedMs = performance.now() - this.#sinceMs;
    return { phase: this.#name, elapsedMs, leftMs: this.#leftMs(elapsedMs) };
  }

  #leftMs(elapsedMs: number): number {
    const { sockets, durationSeconds } = this.#model;
    const drainMs = QUIET_MS + READ_MS + CLOSE_MS;
    if (this.#name === 'draining') return Math.max(0, drainMs - elapsedMs);
    const loadMs = durationSeconds * 1_000;
    if (this.#name === 'load') return Math.max(0, loadMs - elapsedMs) + drainMs;
    const rampMs = (sockets.users * sockets.perUser * 1_000) / sockets.openedPerSecond;
    return Math.max(0, rampMs - elapsedMs) + loadMs + drainMs;
  }
}
