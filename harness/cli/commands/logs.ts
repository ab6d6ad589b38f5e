import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { listRuns, type RunPaths } from '../../testbed/run-folder.ts';
import { runningStacks } from '../../testbed/stack.ts';
import { nearest } from '../../testbed/suggestion.ts';
import { interruption } from '../boot.ts';
import { followLog } from '../follow-log.ts';

const LINES_DEFAULT = 200;
const LINES_MAX = 1_000_000;

interface LogsOptions {
  readonly follow?: boolean;
  readonly lines: number;
  readonly run?: string;
}

export function addLogs(program: Command): void {
  program
    .command('logs <resource>')
    .description('the log of a server, a service instance, or the supervisor')
    .option('-f, --follow', 'go on as it grows, until Ctrl-C')
    .option('-n, --lines <count>', 'how many of the last lines', parseLines, LINES_DEFAULT)
    .option('--run <run>', 'of this run instead of the running or the last one')
    .addHelpText('after', '\nExamples:\n  $ pnpm sagaproof logs order-1 --follow\n')
    .action(logs);
}

function parseLines(value: string): number {
  const lines = Number(value);
  if (!Number.isInteger(lines) || lines < 0 || lines > LINES_MAX) {
    throw new InvalidArgumentError(`write a number from 0 to ${LINES_MAX}`);
  }
  return lines;
}

async function logs(resource: string, options: LogsOptions): Promise<void> {
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
  if (named === undefined) throw new Error('there is no run yet: boot one with pnpm sagaproof up');
  const known = runs.map(({ runId }) => runId).slice(0, 10);
  throw new Error(`there is no run ${named}; the last ones: ${known.join(', ') || 'none'}`);
}

function findLog(run: RunPaths, resource: string): string {
  const names = readdirSync(run.logs)
    .filter((name) => name.endsWith('.log'))
    .map((name) => basename(name, '.log'));
  // `order` is `order-1` for whoever does not think of instances.
  for (const name of [resource, `${resource}-1`]) {
    const file = join(run.logs, `${name}.log`);
    if (names.includes(name) && existsSync(file)) return file;
  }
  const suggestion = nearest(resource, names);
  const mend = suggestion ? `did you mean ${suggestion}?` : `there are: ${names.join(', ')}`;
  throw new Error(`run ${run.runId} has no log of ${resource}; ${mend}`);
}
