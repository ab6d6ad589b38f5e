import type { Command } from 'commander';
import { jsonOption } from '../json-option.ts';
import { later } from '../later.ts';

const HELP = `
Exit code: 0 healthy, 1 something is not, 2 nothing runs.

Examples:
  $ pnpm sagaproof status
  $ pnpm sagaproof status --json | jq '.stacks[].resources[] | select(.healthy == false)'
`;

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('what runs and whether it is healthy; exit code 1 when something is not')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(later(async () => (await import('../actions/status.ts')).status));
}
