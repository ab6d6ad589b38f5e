/** The interface of a benchmark, and of its results. */
import type { Installation } from '#harness/provision/installation.ts';

export interface BenchOptions {
  readonly rounds: number;
  readonly installation: Installation;
  readonly signal: AbortSignal;
  /** Prints progress. */
  readonly note: (text: string) => void;
}

export interface Bench {
  readonly name: string;
  readonly summary: string;
  /** What one round is; `rounds` is the default number of them. */
  readonly round: string;
  readonly rounds: number;
  run(options: BenchOptions): Promise<Findings>;
}

export interface FindingsTable {
  readonly head: readonly string[];
  readonly rows: ReadonlyArray<ReadonlyArray<string | number>>;
}

/** A claim of the project about its own speed. */
export interface Target {
  readonly claim: string;
  readonly seen: string;
  readonly met: boolean;
}

/** The result of one run of one benchmark; rendered as its section of docs/performance.md. */
export interface Findings {
  readonly title: string;
  /** How it was measured, before the tables. */
  readonly method: string;
  readonly tables: readonly FindingsTable[];
  /** What the figures say, after the tables. */
  readonly remarks?: readonly string[];
  readonly targets: readonly Target[];
  /** The same figures by name, for programs. */
  readonly figures: Readonly<Record<string, number>>;
}
