import type { RunPaths } from '../kernel/run-folder.ts';
import type { Installation } from '../provision/installation.ts';
import type { PortBlock } from './providers/native/ports.ts';
import type { ProcessTable } from './providers/native/process-table.ts';

/** What every resource of one stack shares. */
export interface StackContext {
  readonly paths: RunPaths;
  readonly installation: Installation;
  readonly table: ProcessTable;
  readonly ports: PortBlock;
  /** For benchmarks: nothing that makes a start faster. */
  readonly untuned: boolean;
}
