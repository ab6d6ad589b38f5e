import type { ServiceName } from '../testbed/address-book.ts';

/** What became of one thing that a service promises, whoever wrote it. */
export interface ConformanceResult {
  readonly service: ServiceName;
  /** The method or operation; `*` when it is about the service as a whole. */
  readonly rpc: string;
  readonly check: string;
  readonly outcome: 'passed' | 'failed';
  /** What came instead, for a failed one; for HTTP with the command that repeats it. */
  readonly seen?: string;
  readonly promised: string;
}
