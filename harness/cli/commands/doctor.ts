import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { later } from '../later.ts';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('who serves each piece, from where, and what mends what is missing')
    .option('--install', 'first fetch what is missing, as `up` does')
    .option('--config <file>', 'a sagaproof.config.ts other than the one in this folder')
    .addOption(jsonOption())
    .action(later(async () => (await import('../actions/doctor.ts')).doctor));
}
