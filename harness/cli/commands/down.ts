import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { later } from '../later.ts';

const HELP = `
Examples:
  $ pnpm sagaproof down
  $ pnpm sagaproof down 20260101-120000-a1b2c3     one of several
  $ pnpm sagaproof down --all
`;

export function addDown(program: Command): void {
  program
    .command('down [run]')
    .description('take a running system down: the one of `up`, or the run that is named')
    .option('--all', 'every one, those of verification runs included')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(later(async () => (await import('../actions/down.ts')).down));
}
