import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SagaproofError } from '../../kernel/errors.ts';
import { listRuns, type RunPaths } from '../../kernel/run-folder.ts';
import { nearest } from '../../kernel/suggestion.ts';
import { runningStacks } from '../../testbed/stack.ts';
import { followLog } from '../follow-log.ts';
import { interruption } from '../interruption.ts';

interface LogsOptions {
  readonly follow?: boolean;
  readonly lines: number;
  readonly run?: string;
}

/** `sagaproof logs`: prints the end of a log and follows it. */
export async function logs(resource: string, options: LogsOptions): Promise<void> {
  const run = chooseRun(options.run);
  const file = findLog(run, resource);
  using interrupted = interruption();
  await followLog(file, {
    lines: options.lines,
    follow: options.follow ?? false,
    out: process.stdout,
    signal: interrupted.signal,
  });
}

function chooseRun(named: string | undefined): RunPaths {
  const runs = listRuns();
  const [last] = [...runningStacks(), ...runs];
  const found = named === undefined ? last : runs.find(({ runId }) => runId === named);
  if (found) return found;
  if (named === undefined)
    throw new SagaproofError('stack-unavailable', 'no run found', {
      fix: 'boot a stack with pnpm sagaproof up',
    });
  const known = runs.map(({ runId }) => runId).slice(0, 10);
  throw new SagaproofError(
    'unknown-name',
    `unknown run ${named}; latest runs: ${known.join(', ') || 'none'}`,
  );
}

function findLog(run: RunPaths, resource: string): string {
  const names = readdirSync(run.logs)
    .filter((name) => name.endsWith('.log'))
    .map((name) => basename(name, '.log'));
  // `order` is short for its first instance, `order-1`.
  for (const name of [resource, `${resource}-1`]) {
    const file = join(run.logs, `${name}.log`);
    if (names.includes(name) && existsSync(file)) return file;
  }
  const suggestion = nearest(resource, names);
  const hint = suggestion ? `did you mean ${suggestion}?` : `known logs: ${names.join(', ')}`;
  throw new SagaproofError('unknown-name', `run ${run.runId} has no log of ${resource}`, {
    fix: hint,
  });
}
