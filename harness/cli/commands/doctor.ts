import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { lazyAction } from '../lazy-action.ts';

const HELP = `
Exit code: 0 ready or installable, 1 blocked.

Examples:
  $ pnpm sagaproof doctor
  $ pnpm sagaproof doctor --install                install all components, boot nothing
  $ pnpm sagaproof doctor --json | jq .verdict
`;

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check required components and show how to install missing ones')
    .option('--install', 'install missing components first, as `up` does')
    .option('--config <file>', 'configuration file (default: sagaproof.config.ts in this folder)')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(lazyAction(async () => (await import('../actions/doctor.ts')).doctor));
}
