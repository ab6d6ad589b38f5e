/** Provisions, boots and shows progress: shared by `up` and every command that needs a stack. */
import { createProgressView } from '../provision/progress.ts';
import { provision } from '../provision/provision.ts';
import { note } from '../terminal/output.ts';
import { loadConfig, replacedComponents } from '../testbed/config.ts';
import { select } from '../testbed/links.ts';
import { plannedNames } from '../testbed/plan.ts';
import { chosenSubjects } from '../testbed/services/definition.ts';
import { type BootOptions, bootStack, type Stack } from '../testbed/stack.ts';
import { createBootView } from './boot-view.ts';

export type CliBootOptions = Pick<
  BootOptions,
  'fresh' | 'subjects' | 'config' | 'only' | 'keep' | 'signal'
>;

/** @throws with the failed component and how to fix it */
export async function bootWithProgress(options: CliBootOptions): Promise<Stack> {
  const config = await loadConfig(options.config);
  // Read manifests before installing or starting anything, so that an error shows at once.
  const { subjects: named = [], only } = options;
  const subjects = chosenSubjects(select(only).services, named, config.subjects);
  const names = plannedNames({ subjects, ...(only ? { only } : {}) });
  const provisioning = createProgressView();
  const installation = await provision({
    onEvent: provisioning.onEvent,
    replaced: replacedComponents(config),
    ...(options.signal ? { signal: options.signal } : {}),
  }).finally(provisioning.close);
  let view: ReturnType<typeof createBootView> | undefined;
  try {
    return await bootStack({
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
