/** Writes the checkpoints of a group, one after the other, and trims its parked stream. */
import type { Progress, ProgressTracker } from './progress.ts';
import type { Checkpoints, ParkedMessages } from './state-streams.ts';

export interface CheckpointWriterOptions {
  readonly checkpoints: Checkpoints;
  readonly parked: ParkedMessages;
  readonly progress: ProgressTracker;
  /** The checkpoint that is on disk, if there is one. */
  readonly checkpoint: bigint | undefined;
  readonly toText: (position: bigint) => string;
}

export class CheckpointWriter {
  readonly #options: CheckpointWriterOptions;
  #position: bigint | undefined;
  #count = 0;
  #writing: Promise<void> | undefined;
  /** The threshold that was asked for during a write. */
  #asked: number | undefined;

  constructor(options: CheckpointWriterOptions) {
    this.#options = options;
    this.#position = options.checkpoint;
  }

  /** Of the last checkpoint that is on disk. */
  get position(): bigint | undefined {
    return this.#position;
  }

  /** Writes a checkpoint when this many messages were processed since the last one. */
  writeAfter(count: number): void {
    if (this.#writing !== undefined) {
      this.#asked = Math.min(count, this.#asked ?? count);
      return;
    }
    const progress = this.#options.progress.current();
    if (progress.count - this.#count >= count) this.#run(() => this.#write(progress));
  }

  truncateParked(): void {
    if (this.#writing === undefined) this.#run(() => this.#options.parked.truncate());
  }

  /** Writes what is left to write, whatever the thresholds. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    this.writeAfter(1);
    while (this.#writing !== undefined) await this.#writing;
    this.truncateParked();
    await this.#writing;
  }

  #run(write: () => Promise<void>): void {
    this.#writing = write()
      // The old checkpoint holds until the next attempt: it is behind, never ahead.
      .catch(() => undefined)
      .finally(() => {
        this.#writing = undefined;
        const asked = this.#asked;
        this.#asked = undefined;
        if (asked !== undefined) this.writeAfter(asked);
      });
  }

  async #write(progress: Progress): Promise<void> {
    const { checkpoints, toText } = this.#options;
    await checkpoints.write(toText(progress.position));
    this.#position = progress.position;
    this.#count = progress.count;
  }
}
