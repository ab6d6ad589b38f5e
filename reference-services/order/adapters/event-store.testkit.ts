/** The real embedded event store as a process of its own, for component tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(import.meta.resolve('#harness/eventstore/main.ts'));

export class EventStoreProcess implements AsyncDisposable {
  readonly folder: string;
  port = 0;
  #process: ChildProcess | undefined;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Starts a store with a new, empty folder. */
  static async start(): Promise<EventStoreProcess> {
    const store = new EventStoreProcess(await mkdtemp(join(tmpdir(), 'order-events-')));
    await store.up();
    return store;
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  /** Starts it on its folder, on the port it had before. */
  async up(): Promise<void> {
    const args = [MAIN, '--data', this.folder, '--port', String(this.port)];
    const process_ = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = process_;
    for await (const line of createInterface({ input: process_.stdout })) {
      this.port = (JSON.parse(line) as { listening: number }).listening;
      return;
    }
    throw new Error('the event store ended before it listened');
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    const running = this.#process;
    if (running === undefined) return;
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') {
      running.kill(signal);
      return;
    }
    this.#process = undefined;
    const exited = once(running, 'exit');
    running.kill(signal);
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.signal('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }
}
