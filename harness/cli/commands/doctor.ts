import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { later } from '../later.ts';

const HELP = `
Exit code: 0 all is there or will be fetched, 1 something is in the way.

Examples:
  $ pnpm sagaproof doctor
  $ pnpm sagaproof doctor --install                fetch everything, boot nothing
  $ pnpm sagaproof doctor --json | jq .verdict
`;

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('who serves each piece, from where, and what mends what is missing')
    .option('--install', 'first fetch what is missing, as `up` does')
    .option('--config <file>', 'a sagaproof.config.ts other than the one in this folder')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(later(async () => (await import('../actions/doctor.ts')).doctor));
}
