import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { lazyAction } from '../lazy-action.ts';

const HELP = `
Writes sagaproof.config.ts, a scenario and an invariant into this folder, as TypeScript or
JavaScript, whichever the folder has. Files that exist are never changed.

Examples:
  $ npx sagaproof init
  $ npx sagaproof init --json
`;

export function addInit(program: Command): void {
  program
    .command('init')
    .description('set up a repository: configuration, example scenario and invariant')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(lazyAction(async () => (await import('../actions/init.ts')).init));
}
