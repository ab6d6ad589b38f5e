import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { lazyAction } from '../lazy-action.ts';

const HELP = `
Examples:
  $ pnpm sagaproof down
  $ pnpm sagaproof down 20260101-120000-a1b2c3     one of several
  $ pnpm sagaproof down --all
`;

export function addDown(program: Command): void {
  program
    .command('down [run]')
    .description('stop the stack started by `up`, or the given run')
    .option('--all', 'stop all stacks, including those of verification runs')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(lazyAction(async () => (await import('../actions/down.ts')).down));
}
