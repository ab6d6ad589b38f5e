import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { lazyAction } from '../lazy-action.ts';

const HELP = `
Exit code: 0 healthy, 1 a resource is unhealthy, 2 no stack is running.

Examples:
  $ pnpm sagaproof status
  $ pnpm sagaproof status --json | jq '.stacks[].resources[] | select(.healthy == false)'
`;

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show running stacks and the health of their resources')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(lazyAction(async () => (await import('../actions/status.ts')).status));
}
