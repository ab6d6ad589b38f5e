import Table from 'cli-table3';
import { createControl, type StackStatus } from '../../testbed/control-client.ts';
import { runningStacks } from '../../testbed/stack.ts';
import { EXIT, result, resultJson } from '../output.ts';

/** `sagaproof status`: what runs, and whether it is healthy. */
export async function status(options: { readonly json?: boolean }): Promise<void> {
  const stacks = await Promise.all(
    runningStacks().map(async ({ folder, controlSocket }) => ({
      runFolder: folder,
      ...(await createControl(controlSocket).status({ health: true })),
    })),
  );
  if (options.json) resultJson({ stacks });
  else if (stacks.length === 0) result('Nothing runs. Boot it with: pnpm sagaproof up');
  else for (const stack of stacks) result(render(stack));
  const sound = stacks.every(({ resources }) => resources.every((r) => r.healthy !== false));
  if (stacks.length === 0) process.exitCode = EXIT.unable;
  else if (!sound) process.exitCode = EXIT.no;
}

function render(stack: StackStatus & { readonly runFolder: string }): string {
  const table = new Table({
    head: ['resource', 'state', 'health', 'pid', 'detail'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, state, healthy, pid, detail } of stack.resources) {
    const health = healthy === undefined ? '' : healthy ? 'healthy' : 'unhealthy';
    table.push([name, state, health, pid ?? '', (detail ?? '').split('\n')[0] ?? '']);
  }
  const whose = stack.owned ? 'of a verification run' : 'kept';
  return `${stack.runId}: ${stack.state}, ${whose} (${stack.runFolder})\n${table.toString()}`;
}
