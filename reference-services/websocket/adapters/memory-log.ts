import type { LogEntry } from '../domain.ts';
import { isAfter } from '../domain.ts';
import type { Appended, Hint, UpdateLog, UserLogEntry } from '../ports.ts';

/**
 * Logs in this process, for tests of what uses the port. It keeps the promises of the Redis
 * adapter, which the same contract suite checks.
 */
export class MemoryUpdateLog implements UpdateLog {
  readonly #jobs = new Map<string, LogEntry[]>();
  readonly #users = new Map<string, UserLogEntry[]>();
  readonly #onHint: (hint: Hint) => void;
  #intact = true;
  #counter = 0;

  constructor(onHint: (hint: Hint) => void = () => undefined) {
    this.#onHint = onHint;
  }

  #add(entry: LogEntry): 'appended' | 'duplicate' | 'foreign' {
    const { jobId, userId, sequence } = entry.update;
    const entries = this.#jobs.get(jobId) ?? [];
    const last = entries.at(-1)?.update;
    if (last !== undefined && last.userId !== userId) return 'foreign';
    if (sequence <= (last?.sequence ?? 0)) return 'duplicate';
    this.#jobs.set(jobId, [...entries, entry]);
    return 'appended';
  }

  async append(entries: readonly LogEntry[]): Promise<readonly Appended[] | 'lost'> {
    return this.#intact ? entries.map((entry) => this.#append(entry)) : 'lost';
  }

  #append(entry: LogEntry): Appended {
    const outcome = this.#add(entry);
    if (outcome !== 'appended') return { outcome };
    const { userId } = entry.update;
    const entries = this.#users.get(userId) ?? [];
    this.#counter += 1;
    const id = `${this.#counter}-0`;
    this.#users.set(userId, [...entries, { id, entry }]);
    this.#onHint({ id, previousId: entries.at(-1)?.id ?? '0-0', entry });
    return { outcome };
  }

  async restore(entries: readonly LogEntry[]): Promise<void> {
    for (const entry of entries) this.#add(entry);
  }

  async read(...[jobId, afterSequence, limit]: Parameters<UpdateLog['read']>) {
    const entries = this.#jobs.get(jobId) ?? [];
    return entries.filter(({ update }) => update.sequence > afterSequence).slice(0, limit);
  }

  async readUser(...[userId, afterId, limit]: Parameters<UpdateLog['readUser']>) {
    const entries = this.#users.get(userId) ?? [];
    return entries.filter(({ id }) => isAfter(id, afterId)).slice(0, limit);
  }

  async heads(jobIds: readonly string[]) {
    return jobIds.map((jobId) => this.#jobs.get(jobId)?.at(-1)?.update);
  }

  async userHeads(userIds: readonly string[]) {
    return userIds.map((userId) => this.#users.get(userId)?.at(-1)?.id ?? '0-0');
  }

  /** What a server without a disk does when it restarts. */
  loseEverything(): void {
    this.#jobs.clear();
    this.#users.clear();
    this.#intact = false;
  }

  async isIntact(): Promise<boolean> {
    return this.#intact;
  }

  async markIntact(): Promise<void> {
    this.#intact = true;
  }
}
