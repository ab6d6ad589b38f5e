import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parentPort } from 'node:worker_threads';
import { Latencies, type Timed } from './latencies.ts';
import { type Count, type FromWorker, noCounts, type ToWorker } from './messages.ts';

const SAMPLE_MS = 500;

/** How many sockets a thread has now. */
interface SocketNumbers {
  readonly openSockets: number;
  readonly readySockets: number;
}

/** What a thread counts and times, sent to the run at intervals. */
export class WorkerPort {
  readonly #latencies = new Latencies();
  readonly #numbers: () => SocketNumbers;
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });
  readonly #timer: NodeJS.Timeout;
  #counts = noCounts();

  constructor(numbers: () => SocketNumbers) {
    this.#numbers = numbers;
    this.#delay.enable();
    this.#timer = setInterval(() => this.flush(), SAMPLE_MS);
  }

  count(name: Count, by = 1): void {
    this.#counts[name] += by;
  }

  time(of: Timed, ms: number): void {
    this.#latencies.record(of, ms);
  }

  send(message: FromWorker): void {
    parentPort?.postMessage(message);
  }

  on(listener: (message: ToWorker) => void): void {
    parentPort?.on('message', listener);
  }

  flush(): void {
    const loopDelayMs = this.#delay.count === 0 ? 0 : this.#delay.max / 1e6;
    this.#delay.reset();
    const counts = this.#counts;
    this.#counts = noCounts();
    const sample = { counts, latencies: this.#latencies.take(), loopDelayMs, ...this.#numbers() };
    this.send({ what: 'sample', sample });
  }

  /** Sends the rest and lets the thread end. */
  close(): void {
    clearInterval(this.#timer);
    this.#delay.disable();
    this.flush();
    parentPort?.close();
  }
}
