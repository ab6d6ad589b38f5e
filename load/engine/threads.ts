import { Worker } from 'node:worker_threads';
import { packageProgram } from '../../harness/kernel/package-assets.ts';
import { until } from '../../harness/kernel/poll.ts';
import type { FromWorker, LoadWork, ToWorker, WorkerSample } from './messages.ts';

const ENTRY = packageProgram('load/engine/worker');
/** For thousands of sockets, and small against the memory of a stack. */
const HEAP_MB_MAX = 1_024;

type Finished = Extract<FromWorker, { what: 'finished' }>;

/** One thread of a load run, as the run sees it. */
class LoadThread {
  readonly #worker: Worker;
  stopped: readonly number[] | undefined;
  finished: Finished | undefined;
  latest: WorkerSample | undefined;
  failure: Error | undefined;

  constructor(work: LoadWork, name: string, onSample: (sample: WorkerSample) => void) {
    this.#worker = new Worker(ENTRY, {
      name,
      workerData: work,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    });
    this.#worker.on('message', (message: FromWorker) => {
      if (message.what === 'sample') {
        this.latest = message.sample;
        onSample(message.sample);
      } else if (message.what === 'stopped') this.stopped = message.published ?? [];
      else this.finished = message;
    });
    this.#worker.on('error', (error: Error) => {
      this.failure = new Error(`a thread of the load ended: ${error.message}`, { cause: error });
    });
  }

  send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** All threads of a load run. Dispose it to end them. */
export class LoadThreads implements AsyncDisposable {
  readonly #threads: readonly LoadThread[];
  readonly #works: readonly LoadWork[];

  constructor(works: readonly LoadWork[], onSample: (sample: WorkerSample) => void) {
    this.#works = works;
    this.#threads = works.map((work, at) => new LoadThread(work, `load-${at}`, onSample));
  }

  get openSockets(): number {
    return this.#sum(({ latest }) => latest?.openSockets ?? 0);
  }

  get readySockets(): number {
    return this.#sum(({ latest }) => latest?.readySockets ?? 0);
  }

  /** Whether every thread has said something: it is connected to what it needs. */
  get isConnected(): boolean {
    return this.#threads.every(({ latest }) => latest !== undefined);
  }

  send(message: Exclude<ToWorker, { what: 'finish' }>): void {
    for (const thread of this.#threads) thread.send(message);
  }

  /** Resolves when it holds, or with false when it does not in this time. */
  async waitFor(
    label: string,
    isSo: () => boolean,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const hasFailed = () => this.#threads.some(({ failure }) => failure !== undefined);
    const isReached = await until(label, () => hasFailed() || isSo(), deadlineMs, signal).catch(
      () => false,
    );
    signal.throwIfAborted();
    this.#throwFailure();
    return isReached !== false;
  }

  /**
   * Resolves when no thread has arrivals left, with the updates that each customer had; with
   * undefined when that takes too long: not all of them are on the broker.
   */
  async stopped(deadlineMs: number, signal: AbortSignal): Promise<readonly number[] | undefined> {
    const isStopped = () => this.#threads.every(({ stopped }) => stopped !== undefined);
    if (!(await this.waitFor('the load to stop', isStopped, deadlineMs, signal))) return undefined;
    const publisher = this.#works.findIndex(({ role }) => role === 'publisher');
    return this.#threads[publisher]?.stopped ?? [];
  }

  /** Closes all sockets. Resolves with what each thread found missing. */
  async finish(
    published: readonly number[],
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<Finished[]> {
    let from = 0;
    for (const [at, thread] of this.#threads.entries()) {
      const work = this.#works[at];
      const count = work?.role === 'sockets' ? work.customers.length : 0;
      thread.send({ what: 'finish', published: published.slice(from, from + count) });
      from += count;
    }
    const isFinished = () => this.#threads.every(({ finished }) => finished !== undefined);
    await this.waitFor('the sockets to close', isFinished, deadlineMs, signal);
    return this.#threads.flatMap(({ finished }) => finished ?? []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #throwFailure(): void {
    for (const { failure } of this.#threads) if (failure !== undefined) throw failure;
  }

  #sum(of: (thread: LoadThread) => number): number {
    return this.#threads.reduce((sum, thread) => sum + of(thread), 0);
  }
}
