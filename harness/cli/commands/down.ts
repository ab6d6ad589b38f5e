import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { later } from '../later.ts';

export function addDown(program: Command): void {
  program
    .command('down [run]')
    .description('take a running system down: the one of `up`, or the run that is named')
    .option('--all', 'every one, those of verification runs included')
    .addOption(jsonOption())
    .action(later(async () => (await import('../actions/down.ts')).down));
}
