import type { RunPaths } from '../../kernel/run-folder.ts';
import { EXIT, result, resultJson } from '../../terminal/output.ts';
import { newTable } from '../../terminal/table.ts';
import { createControl, type StackStatus } from '../../testbed/control-client.ts';
import { readSpec } from '../../testbed/spec.ts';
import { runningStacks } from '../../testbed/stack.ts';

/** A stack whose supervisor is alive but does not answer; it is listed with the others. */
interface Unreachable extends Pick<StackStatus, 'runId' | 'owned' | 'fingerprint' | 'resources'> {
  readonly state: 'unreachable';
  readonly detail: string;
}
type ListedStack = (StackStatus | Unreachable) & { readonly runFolder: string };

/** `sagaproof status`: shows running stacks and the health of their resources. */
export async function status(options: { readonly json?: boolean }): Promise<void> {
  const stacks = await Promise.all(runningStacks().map(ask));
  if (options.json) resultJson({ stacks });
  else if (stacks.length === 0) result('No stack is running. Boot one with: pnpm sagaproof up');
  else for (const stack of stacks) result(render(stack));
  const healthy = stacks.every(
    ({ state, resources }) =>
      state !== 'unreachable' && resources.every(({ healthy }) => healthy !== false),
  );
  if (stacks.length === 0) process.exitCode = EXIT.unable;
  else if (!healthy) process.exitCode = EXIT.no;
}

async function ask(paths: RunPaths): Promise<ListedStack> {
  const { runId, folder: runFolder, controlSocket, spec } = paths;
  try {
    return { runFolder, ...(await createControl(controlSocket).status({ health: true })) };
  } catch (error) {
    const { owned, fingerprint } = readSpec(spec);
    const detail = `${(error as Error).message}; fix: pnpm sagaproof down ${runId}`;
    return { runFolder, runId, state: 'unreachable', owned, fingerprint, resources: [], detail };
  }
}

function render(stack: ListedStack): string {
  const owner = stack.owned ? 'owned by a verification run' : 'kept running';
  const head = `${stack.runId}: ${stack.state}, ${owner} (${stack.runFolder})`;
  if (stack.state === 'unreachable') return `${head}\n${stack.detail}`;
  const table = newTable(['resource', 'state', 'health', 'pid', 'detail'], { compact: true });
  for (const { name, state, healthy, pid, detail } of stack.resources) {
    const health = healthy === undefined ? '' : healthy ? 'healthy' : 'unhealthy';
    table.push([name, state, health, pid ?? '', (detail ?? '').split('\n')[0] ?? '']);
  }
  return `${head}\n${table.toString()}`;
}
