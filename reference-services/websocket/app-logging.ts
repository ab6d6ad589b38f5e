import type { LogEntry } from './domain.ts';
import type { Appended, Hint, UpdateHistory, UpdateLog } from './ports.ts';

/** Updates that are put back in one step. */
const RESTORED_AT_ONCE = 200;

export interface LoggingParts {
  readonly log: Pick<UpdateLog, 'append' | 'restore' | 'isIntact' | 'markIntact'>;
  readonly history: UpdateHistory;
  /** Called with what the sockets of this node have to see. */
  readonly offer: (hint: Hint) => void;
}

/** Keeps the log: adds what comes, and makes it again when it has lost what it held. */
export class UpdateLogging {
  readonly #parts: LoggingParts;
  #underWay: Promise<void> | undefined;

  constructor(parts: LoggingParts) {
    this.#parts = parts;
  }

  /** Adds updates, in order, after what the log has lost. */
  async add(entries: readonly LogEntry[]): Promise<ReadonlyArray<Appended['outcome']>> {
    for (;;) {
      const appended = await this.#parts.log.append(entries);
      if (appended !== 'lost') {
        for (const each of appended) {
          if (each.outcome === 'appended' && each.hint !== undefined) this.#parts.offer(each.hint);
        }
        return appended.map(({ outcome }) => outcome);
      }
      await this.ensureIntact();
    }
  }

  /** Resolves when the log holds what it should. Several nodes may do it side by side. */
  async ensureIntact(): Promise<void> {
    this.#underWay ??= this.#recover().finally(() => {
      this.#underWay = undefined;
    });
    await this.#underWay;
  }

  async #recover(): Promise<void> {
    const { log, history } = this.#parts;
    if (await log.isIntact()) return;
    let batch: LogEntry[] = [];
    await history.replay(async (entry) => {
      batch.push(entry);
      if (batch.length < RESTORED_AT_ONCE) return;
      await log.restore(batch);
      batch = [];
    });
    if (batch.length > 0) await log.restore(batch);
    await log.markIntact();
  }
}
