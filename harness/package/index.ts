/**
 * What `import … from 'sagaproof'` offers. Nothing heavy is loaded before it is called, because
 * every configuration, scenario and invariant imports this.
 */
import type { FaultContext, Faults } from '../../chaos/faults/all.ts';
import type { RunVerdict } from '../checker/check.ts';
import type { Invariant } from '../checker/invariant.ts';
import type { SagaproofConfigInput } from '../testbed/config.ts';
import type { BootOptions, Stack } from '../testbed/stack.ts';

export { Findings } from '../checker/findings.ts';
export { type Checker, defineInvariant, type Finding } from '../checker/invariant.ts';
export type { HistoryEvent } from '../history/event.ts';
export type { AddressBook } from '../kernel/address-book.ts';
export {
  type ArmedFault,
  defineFault,
  type Evidence,
  FaultNotLandedError,
} from '../links/fault.ts';
export { defineScenario, type Play, type Scenario } from '../scenario/define-scenario.ts';
export type {
  BootOptions,
  FaultContext,
  Faults,
  Invariant,
  RunVerdict,
  SagaproofConfigInput,
  Stack,
};

/** Types a `sagaproof.config.ts`; it returns what it is given. */
export const defineConfig = (config: SagaproofConfigInput): SagaproofConfigInput => config;

/** Uses a running stack of the same version, configuration and manifests, or boots one. */
export async function bootStack(options: BootOptions = {}): Promise<Stack> {
  return (await import('../testbed/stack.ts')).bootStack(options);
}

/**
 * Checks invariants against a recorded history.
 *
 * @param path `history.jsonl` of a run folder
 * @param invariants checked as well as Sagaproof's own
 */
export async function checkHistory(
  path: string,
  invariants: readonly Invariant[] = [],
): Promise<RunVerdict> {
  const [{ checkFile }, { INVARIANTS }] = await Promise.all([
    import('../checker/check-file.ts'),
    import('../invariants/all.ts'),
  ]);
  return checkFile(path, [...INVARIANTS, ...invariants]);
}
