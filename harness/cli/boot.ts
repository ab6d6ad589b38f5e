/** Provisions, boots and shows progress: shared by `up` and every command that needs a stack. */
import { createProgressView } from '../provision/progress.ts';
import { provision } from '../provision/provision.ts';
import { note } from '../terminal/output.ts';
import { replacedComponents } from '../testbed/config.ts';
import { plannedNames } from '../testbed/plan.ts';
import type { LoadedManifest } from '../testbed/services/manifest.ts';
import { type BootOptions, bootInput, type Stack } from '../testbed/stack.ts';
import { readInput } from '../testbed/stack-input.ts';
import { createBootView } from './boot-view.ts';

export interface CliBootOptions
  extends Pick<
    BootOptions,
    'fresh' | 'config' | 'only' | 'wire' | 'eitherWire' | 'keep' | 'signal'
  > {
  readonly subjects: readonly LoadedManifest[];
}

/** @throws with the failed component and how to fix it */
export async function bootWithProgress(options: CliBootOptions): Promise<Stack> {
  // Read manifests before installing or starting anything, so that an error shows at once.
  const input = await readInput(options);
  const { only, wire } = options;
  const names = plannedNames({
    services: input.services,
    ...(only ? { only } : {}),
    ...(wire ? { wire } : {}),
  });
  const provisioning = createProgressView();
  const installation = await provision({
    onEvent: provisioning.onEvent,
    replaced: replacedComponents(input.config),
    ...(options.signal ? { signal: options.signal } : {}),
  }).finally(provisioning.close);
  let view: ReturnType<typeof createBootView> | undefined;
  try {
    return await bootInput(input, {
      ...options,
      installation,
      onProgress: (event) => {
        view ??= createBootView(names);
        view.onProgress(event);
      },
      onSwept: ({ runId, ended }) => {
        note(`cleaned up leftovers of interrupted run ${runId}: ${ended.join(', ')}`);
      },
    });
  } finally {
    await view?.close();
  }
}

/** The end of a command that played on a stack: what it booted for itself goes down with it. */
export async function takeDownIfOwned(stack: Stack): Promise<void> {
  if (!stack.owned) return;
  note('taking the system down');
  await stack.down();
}
