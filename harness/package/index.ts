/**
 * What `import … from 'sagaproof'` offers. Nothing is loaded before it is called, because every
 * configuration and every scenario imports this.
 */
import type { RunVerdict } from '../invariants/check.ts';
import type { SagaproofConfigInput } from '../testbed/config.ts';
import type { BootOptions, Stack } from '../testbed/stack.ts';

export type { AddressBook } from '../kernel/address-book.ts';
export type { BootOptions, RunVerdict, SagaproofConfigInput, Stack };

/** Types a `sagaproof.config.ts`; it returns what it is given. */
export const defineConfig = (config: SagaproofConfigInput): SagaproofConfigInput => config;

/** Uses a running stack of the same version, configuration and manifests, or boots one. */
export async function bootStack(options: BootOptions = {}): Promise<Stack> {
  return (await import('../testbed/stack.ts')).bootStack(options);
}

/** Checks every invariant against a recorded history (`history.jsonl` in a run folder). */
export async function checkHistory(path: string): Promise<RunVerdict> {
  return (await import('../invariants/check-file.ts')).checkFile(path);
}
