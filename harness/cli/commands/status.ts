import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { later } from '../later.ts';

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('what runs and whether it is healthy; exit code 1 when something is not')
    .addOption(jsonOption())
    .action(later(async () => (await import('../actions/status.ts')).status));
}
