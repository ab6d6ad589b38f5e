import { SagaproofError } from '../../kernel/errors.ts';
import type { RunPaths } from '../../kernel/run-folder.ts';
import { result, resultJson } from '../../terminal/output.ts';
import { endStack } from '../../testbed/end.ts';
import { sweepOrphans } from '../../testbed/orphans.ts';
import { readSpec } from '../../testbed/spec.ts';
import { runningStacks } from '../../testbed/stack.ts';

interface DownOptions {
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `sagaproof down`: stops stacks and cleans up after killed runs. */
export async function down(run: string | undefined, options: DownOptions): Promise<void> {
  const swept = await sweepOrphans();
  const chosen = choose(runningStacks(), run, options.all ?? false);
  await Promise.all(chosen.map(endStack));
  const ended = [...chosen.map(({ runId }) => runId), ...swept.map(({ runId }) => runId)];
  if (options.json) resultJson({ ended });
  else result(ended.length === 0 ? 'No stack was running.' : `Stopped: ${ended.join(', ')}`);
}

function choose(running: readonly RunPaths[], run: string | undefined, all: boolean): RunPaths[] {
  if (all) return [...running];
  const ids = running.map(({ runId }) => runId).join(', ');
  if (run !== undefined) {
    const found = running.filter(({ runId }) => runId === run);
    if (found.length === 0)
      throw new SagaproofError(
        'unknown-name',
        `run ${run} is not running; running: ${ids || 'none'}`,
      );
    return found;
  }
  const kept = running.filter((paths) => !readSpec(paths.spec).owned);
  if (kept.length > 1) {
    throw new SagaproofError('usage', `several stacks are running: ${ids}`, {
      fix: 'pass a run id or --all',
    });
  }
  return kept;
}
