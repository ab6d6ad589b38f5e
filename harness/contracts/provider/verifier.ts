import { type ChildProcess, fork } from 'node:child_process';
import type { VerifierOptions } from '@pact-foundation/pact';
import { packageProgram } from '../../kernel/package-assets.ts';

/** A request to the verifier's process. */
export interface VerifierOrder {
  readonly id: number;
  readonly options: VerifierOptions;
}

/** What it answers: Pact's own JSON, or why there is none. */
export interface VerifierAnswer {
  readonly id: number;
  readonly output: string;
}

/** Pact's verifier, in a process of its own. */
export class PactVerifier implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (output: string) => void>();
  #orders = 0;
  #ended: string | undefined;

  constructor() {
    const program = packageProgram('harness/contracts/provider/verifier-child');
    this.#child = fork(program, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    this.#child.on('message', ({ id, output }: VerifierAnswer) => {
      this.#waiting.get(id)?.(output);
      this.#waiting.delete(id);
    });
    this.#child.on('exit', (code, signal) => {
      this.#ended = `Pact's verifier ended (${signal ?? `exit code ${code}`})`;
      for (const answer of this.#waiting.values()) answer(this.#ended);
      this.#waiting.clear();
    });
  }

  /** Resolves with Pact's JSON, or with a sentence that says why there is none; never rejects. */
  verify(options: VerifierOptions): Promise<string> {
    if (this.#ended !== undefined) return Promise.resolve(this.#ended);
    const id = ++this.#orders;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.send({ id, options } satisfies VerifierOrder);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended !== undefined) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    await ended;
  }
}
