import { readFileSync } from 'node:fs';
import type { Unrecorded } from '../../harness/history/event.ts';
import type { StackControl } from '../../harness/testbed/control-client.ts';

const PERIOD_MS = 1_000;
const KIB = 1_024;

/** Watches the memory of the nodes of the tier, and how much it grows under load. */
export class TierMemory implements Disposable {
  readonly #control: Pick<StackControl, 'status'>;
  readonly #ids: ReadonlySet<string>;
  readonly #record: (event: Unrecorded) => void;
  readonly #timer: NodeJS.Timeout;
  /** By process: a node that is started again grows from the start. */
  readonly #base = new Map<number, number>();
  #growthBytesMax: number | undefined;
  #isLoaded = false;

  constructor(
    control: Pick<StackControl, 'status'>,
    ids: readonly string[],
    record: (event: Unrecorded) => void,
  ) {
    this.#control = control;
    this.#ids = new Set(ids);
    this.#record = record;
    this.#timer = setInterval(() => void this.#look(), PERIOD_MS);
  }

  /** From now on growth counts. */
  begin(): void {
    this.#isLoaded = true;
  }

  /** Undefined where no process of the tier can be looked at. */
  get growthMiB(): number | undefined {
    const bytes = this.#growthBytesMax;
    return bytes === undefined ? undefined : Math.round((bytes / KIB / KIB) * 10) / 10;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    // A supervisor that is busy or gone says nothing: the next look does.
    const status = await this.#control.status().catch(() => undefined);
    for (const { name, pid } of status?.resources ?? []) {
      if (!this.#ids.has(name) || pid === undefined) continue;
      const rssBytes = rssOf(pid);
      if (rssBytes === undefined) continue;
      const about = { of: 'service', instance: name, periodMs: PERIOD_MS } as const;
      this.#record({ type: 'resource-sample', ...about, rssBytes });
      this.#note(pid, rssBytes);
    }
  }

  #note(pid: number, rssBytes: number): void {
    const base = this.#base.get(pid);
    // What a process takes to start, and before the load, is none of its growth.
    if (base === undefined || !this.#isLoaded) {
      this.#base.set(pid, Math.max(base ?? 0, rssBytes));
      return;
    }
    this.#growthBytesMax = Math.max(this.#growthBytesMax ?? 0, rssBytes - base);
  }
}

/** Resident memory of a process; undefined where the kernel does not say. */
function rssOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1];
    return kib === undefined ? undefined : Number(kib) * KIB;
  } catch {
    return undefined;
  }
}
