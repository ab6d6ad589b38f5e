import { type Command, InvalidArgumentError } from 'commander';
import { later } from '../later.ts';

const LINES_DEFAULT = 200;
const LINES_MAX = 1_000_000;

export function addLogs(program: Command): void {
  program
    .command('logs <resource>')
    .description('the log of a server, a service instance, or the supervisor')
    .option('-f, --follow', 'go on as it grows, until Ctrl-C')
    .option('-n, --lines <count>', 'how many of the last lines', parseLines, LINES_DEFAULT)
    .option('--run <run>', 'of this run instead of the running or the last one')
    .addHelpText('after', '\nExamples:\n  $ pnpm sagaproof logs order-1 --follow\n')
    .action(later(async () => (await import('../actions/logs.ts')).logs));
}

function parseLines(value: string): number {
  const lines = Number(value);
  if (!Number.isInteger(lines) || lines < 0 || lines > LINES_MAX) {
    throw new InvalidArgumentError(`write a number from 0 to ${LINES_MAX}`);
  }
  return lines;
}
