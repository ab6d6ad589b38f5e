import { type Command, InvalidArgumentError } from 'commander';
import { lazyAction } from '../lazy-action.ts';

const LINES_DEFAULT = 200;
const LINES_MAX = 1_000_000;

export function addLogs(program: Command): void {
  program
    .command('logs <resource>')
    .description('print the log of a server, a service instance or the supervisor')
    .option('-f, --follow', 'follow the log')
    .option('-n, --lines <count>', 'number of lines from the end', parseLines, LINES_DEFAULT)
    .option('--run <run>', 'run id (default: the running stack, else the latest run)')
    .addHelpText('after', '\nExamples:\n  $ pnpm sagaproof logs order-1 --follow\n')
    .action(lazyAction(async () => (await import('../actions/logs.ts')).logs));
}

function parseLines(value: string): number {
  const lines = Number(value);
  if (!Number.isInteger(lines) || lines < 0 || lines > LINES_MAX) {
    throw new InvalidArgumentError(`must be a number from 0 to ${LINES_MAX}`);
  }
  return lines;
}
