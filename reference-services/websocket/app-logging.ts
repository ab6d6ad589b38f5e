import type { LogEntry } from './domain.ts';
import type { UpdateHistory, UpdateLog } from './ports.ts';

/** Updates that are put back side by side; they keep their order. */
const RESTORED_AT_ONCE = 200;

export interface LoggingParts {
  readonly log: Pick<UpdateLog, 'append' | 'restore' | 'isIntact' | 'markIntact'>;
  readonly history: UpdateHistory;
}

/** Keeps the log: adds what comes, and makes it again when it has lost what it held. */
export class UpdateLogging {
  readonly #parts: LoggingParts;
  #underWay: Promise<void> | undefined;

  constructor(parts: LoggingParts) {
    this.#parts = parts;
  }

  /** Adds an update, after what the log has lost. */
  async add(entry: LogEntry): Promise<'appended' | 'duplicate' | 'foreign'> {
    for (;;) {
      const outcome = await this.#parts.log.append(entry);
      if (outcome !== 'lost') return outcome;
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
    let batch: Promise<void>[] = [];
    await history.replay(async (entry) => {
      batch.push(log.restore(entry));
      if (batch.length < RESTORED_AT_ONCE) return;
      await Promise.all(batch);
      batch = [];
    });
    await Promise.all(batch);
    await log.markIntact();
  }
}
